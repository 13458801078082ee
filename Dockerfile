# One image for all our processes; docker-compose.yml names the main file of each.
FROM node:22.23.1-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev

FROM node:22.23.1-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npm run build

FROM node:22.23.1-bookworm-slim
ENV HOST=0.0.0.0
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json ./
COPY policy ./policy
COPY docker/entrypoint.cjs ./docker/
# Made here so that the volume mounted over it belongs to the user below.
RUN mkdir -p /var/lib/wenze && chown node:node /var/lib/wenze
USER node
ENTRYPOINT ["node", "--enable-source-maps", "docker/entrypoint.cjs"]
CMD ["api"]
