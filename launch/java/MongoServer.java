import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.wire.message.MongoMessage;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.h2.mvstore.MVStore;

/**
 * A MongoDB-wire server on one file, for machines where no mongod can be had: {@code MongoServer <file> <port>}.
 *
 * <p>Three things differ from the library's own start. It answers wire version 9, which the Node driver asks for at least. One write runs at a time,
 * no read beside it, and an answer is a copy: the library answers with the living documents and writes them out later, so that 40 concurrent increments
 * by findAndModify were told only 22 different numbers. And a write is acknowledged only after it is in the file (the operating system's cache, so kill -9 of this
 * process loses nothing; a power cut may); writers that wait together share one commit, and none falls into the middle of a write.
 */
public final class MongoServer {
    private static final Set<String> READS = Set.of(
            "find", "getmore", "killcursors", "count", "distinct", "aggregate", "hello", "ismaster", "ping", "buildinfo", "serverstatus",
            "listcollections", "listindexes", "listdatabases", "endsessions", "collstats", "dbstats", "explain", "getparameter", "hostinfo", "getlog", "whatsmyuri");

    public static void main(String[] arguments) throws Exception {
        if (arguments.length != 2) {
            System.err.println("usage: MongoServer <file> <port>");
            System.exit(2);
        }
        // Without the store's background writer a commit is done when it returns; housekeeping is our own thread below.
        MVStore store = new MVStore.Builder().fileName(arguments[0]).autoCommitDisabled().open();
        store.setRetentionTime(1_000);
        store.compactFile(1_000);
        DurableBackend backend = new DurableBackend(store);
        backend.version(new Version());
        de.bwaldvogel.mongo.MongoServer server = new de.bwaldvogel.mongo.MongoServer(backend);
        server.bind("127.0.0.1", Integer.parseInt(arguments[1]));
        Runtime.getRuntime().addShutdownHook(new Thread(server::shutdownNow));
        Thread housekeeping = new Thread(() -> backend.keepHouse(), "housekeeping");
        housekeeping.setDaemon(true);
        housekeeping.start();
        System.out.println("listening on " + server.getLocalAddress().getPort());
    }

    private static final class Version implements MongoVersion {
        @Override
        public List<Integer> getVersionArray() {
            return List.of(4, 4, 0);
        }

        @Override
        public int getWireVersion() {
            return 9;
        }
    }

    private static final class DurableBackend extends H2Backend {
        private final MVStore store;
        /** Shared by reads, exclusive for a write and for a commit; fair, so that the writes waiting before a commit come into it. */
        private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock(true);
        private long written;
        private long committed;

        DurableBackend(MVStore store) {
            super(store);
            this.store = store;
        }

        @Override
        public Document handleMessage(MongoMessage message) {
            if (READS.contains(message.getDocument().keySet().iterator().next().toLowerCase(Locale.ROOT))) {
                lock.readLock().lock();
                try {
                    return super.handleMessage(message).cloneDeeply();
                } finally {
                    lock.readLock().unlock();
                }
            }
            long mine;
            Document answer;
            lock.writeLock().lock();
            try {
                answer = super.handleMessage(message).cloneDeeply();
                mine = ++written;
            } finally {
                lock.writeLock().unlock();
            }
            lock.writeLock().lock();
            try {
                if (committed < mine) {
                    committed = written;
                    store.commit();
                }
            } finally {
                lock.writeLock().unlock();
            }
            return answer;
        }

        /** Gives the file's dead space back: small bites, so that no write waits long. */
        void keepHouse() {
            long seen = 0;
            while (!store.isClosed()) {
                try {
                    Thread.sleep(500);
                } catch (InterruptedException ended) {
                    return;
                }
                lock.writeLock().lock();
                try {
                    if (written != seen) {
                        seen = written;
                        store.compact(80, 4 << 20);
                    }
                } catch (RuntimeException failure) {
                    System.err.println("housekeeping: " + failure);
                } finally {
                    lock.writeLock().unlock();
                }
            }
        }
    }
}
