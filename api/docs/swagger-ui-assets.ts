import path from 'node:path';

/** Folder of Swagger UI's script and style, as installed; served from here so that /docs works without the internet. */
export const swaggerUiAssets = path.dirname(require.resolve('swagger-ui-dist/package.json'));
