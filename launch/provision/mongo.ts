import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { cachedFolder, findCached } from './cache';
import { run } from './command';
import { downloadArchive } from './download';
import { findOnPath, repositoryRoot } from './paths';
import { firstThatWorks, type Tell, type Way } from './ways';

/** A program that speaks MongoDB's wire protocol on 127.0.0.1 and keeps its data in a folder (which must exist). */
export interface MongoProgram {
  /** `mongod`: MongoDB itself. `embedded`: mongo-java-server on an H2 file, a subset (see docs and test/launch/mongo-subset.test.ts). */
  readonly kind: 'mongod' | 'embedded';
  command(at: { readonly dataDirectory: string; readonly port: number }): { readonly program: string; readonly args: string[] };
}

/** MongoDB version fetched where its download can be reached. */
const mongodVersion = '8.2.6';

/** The file of the embedded server in its data folder. */
export const embeddedFile = 'embedded.mv.db';

/** The first MongoDB-wire server that can be had here; where there are data already, the one that `wrote` them. Throws NoWayError. */
export async function mongoProgram(tell: Tell, wrote?: MongoProgram['kind']): Promise<MongoProgram> {
  if (wrote === 'embedded') return haveEmbedded(tell);
  const onPath = findOnPath('mongod');
  if (onPath !== undefined) return mongod(onPath);
  const fetched = findCached(`mongod-${mongodVersion}`, 'mongod');
  if (fetched !== undefined) return mongod(path.join(fetched, 'mongod'));
  const built = findCached(await embeddedKey(), embeddedProof);
  if (built !== undefined && wrote === undefined) return embedded(built);
  return firstThatWorks('MongoDB', [
    { name: 'mongod on PATH', remedy: 'put `mongod` on PATH, or set MONGODB_URI to a server that runs elsewhere', quiet: true, have: () => Promise.reject(new Error('not there')) },
    { name: 'the official download', remedy: 'open a route to the MongoDB download', have: () => fromDownload(tell) },
    ...(wrote === undefined ? [java(tell)] : []),
  ], tell);
}

const java = (tell: Tell): Way<MongoProgram> =>
  ({ name: 'the embedded server (Java)', remedy: 'install a JDK (17 or later) and Maven, and give Maven a repository it can reach', have: () => fromMaven(tell) });

async function haveEmbedded(tell: Tell): Promise<MongoProgram> {
  const built = findCached(await embeddedKey(), embeddedProof);
  return built === undefined ? firstThatWorks('The embedded server that wrote these data', [java(tell)], tell) : embedded(built);
}

function mongod(program: string): MongoProgram {
  return {
    kind: 'mongod',
    command: ({ dataDirectory, port }) => ({ program, args: ['--dbpath', dataDirectory, '--port', String(port), '--bind_ip', '127.0.0.1', '--quiet'] }),
  };
}

async function fromDownload(tell: Tell): Promise<MongoProgram> {
  // Loaded only on this way: nothing else needs it. It knows which archive fits which system.
  const { MongoBinaryDownloadUrl } = await import('mongodb-memory-server-core/lib/util/MongoBinaryDownloadUrl.js');
  const { getOS } = await import('mongodb-memory-server-core/lib/util/getos/index.js');
  const url = await new MongoBinaryDownloadUrl({ platform: process.platform, arch: process.arch, version: mongodVersion, os: await getOS() }).getDownloadUrl();
  const folder = await cachedFolder(`mongod-${mongodVersion}`, 'mongod', async (work) => {
    await downloadArchive(url, work, () => tell(`MongoDB: downloading ${mongodVersion} from ${new URL(url).host}`));
    const [unpacked] = await readdir(work);
    await rename(path.join(work, unpacked ?? '', 'bin', 'mongod'), path.join(work, 'mongod'));
    await rm(path.join(work, unpacked ?? ''), { recursive: true });
  });
  return mongod(path.join(folder, 'mongod'));
}

const embeddedProof = 'classes/MongoServer.class';
const sourceFolder = (): string => path.join(repositoryRoot(), 'launch', 'java');

/** The cache key follows the sources, so that a changed server is built anew. */
async function embeddedKey(): Promise<string> {
  const hash = createHash('sha256');
  for (const file of ['pom.xml', 'MongoServer.java']) hash.update(await readFile(path.join(sourceFolder(), file)));
  return `mongo-embedded-${hash.digest('hex').slice(0, 12)}`;
}

async function fromMaven(tell: Tell): Promise<MongoProgram> {
  const mvn = findOnPath('mvn');
  const javac = findOnPath('javac');
  if (findOnPath('java') === undefined || javac === undefined) throw new Error('no JDK (java and javac) on PATH');
  if (mvn === undefined) throw new Error('no Maven (mvn) on PATH');
  const folder = await cachedFolder(await embeddedKey(), embeddedProof, async (work) => {
    tell('MongoDB: fetching and building the embedded server with Maven');
    const jars = path.join(work, 'jars');
    const classes = path.join(work, 'classes');
    await run(mvn, ['-B', '-q', '-f', path.join(sourceFolder(), 'pom.xml'), '-Dmaven.wagon.http.retryHandler.count=0', '-Daether.connector.connectTimeout=4000',
      '-Dmaven.wagon.rto=60000', 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${jars}`], { limitMs: 600_000 });
    await mkdir(classes);
    await run(javac, ['-cp', path.join(jars, '*'), '-d', classes, path.join(sourceFolder(), 'MongoServer.java')], { limitMs: 120_000 });
  });
  return embedded(folder);
}

function embedded(folder: string): MongoProgram {
  const java = findOnPath('java') ?? 'java';
  return {
    kind: 'embedded',
    command: ({ dataDirectory, port }) => ({
      program: java,
      args: ['-Xmx768m', '-XX:+UseSerialGC', '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn', '-cp', [path.join(folder, 'classes'), path.join(folder, 'jars', '*')].join(path.delimiter),
        'MongoServer', path.join(dataDirectory, embeddedFile), String(port)],
    }),
  };
}
