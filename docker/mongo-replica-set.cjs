// Run by mongosh on every start: makes the replica set once, then waits until a primary answers.
const members = ['mongo1', 'mongo2', 'mongo3'].map((host, _id) => ({ _id, host: `${host}:27017` }));
try {
  rs.status();
} catch (error) {
  if (error.codeName !== 'NotYetInitialized') throw error;
  rs.initiate({ _id: 'wenze', members });
}
const until = Date.now() + 60_000;
while (!rs.status().members.some((member) => member.stateStr === 'PRIMARY')) {
  if (Date.now() > until) throw new Error('no primary was elected');
  sleep(500);
}
