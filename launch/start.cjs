'use strict';
/** `npm start`: installs and builds what is missing, then brings the system up in this same process (launch/main.ts). */
const path = require('node:path');
const { SetUpError, root, setUp } = require('./setup.cjs');

setUp().then(
  () => require(path.join(root, 'dist', 'launch', 'main.js')),
  (error) => {
    console.error(error instanceof SetUpError ? error.message : error);
    process.exit(1);
  },
);
