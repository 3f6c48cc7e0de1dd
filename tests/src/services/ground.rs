//! What the services stand on: a database, a virtual host and a bucket.

use common::objects::Objects;
use common::store::{Entry, Store};
use tokio::sync::{Mutex, MutexGuard};

use crate::postgres::{self, Postgres};
use crate::rabbit::Rabbit;
use crate::s3::S3;

/// Servers of their own, for a test that stops, starves or cuts them.
#[derive(Debug)]
pub struct Servers {
    /// The database.
    pub postgres: Postgres,
    /// The broker.
    pub rabbit: Rabbit,
    /// The object store.
    pub s3: S3,
}

/// Servers that tests have one after the other: starting a set takes longer than most of them.
static LENT: Mutex<Option<Servers>> = Mutex::const_new(None);

/// Which servers are nobody else's, at least for the time being.
#[derive(Debug)]
enum Own {
    Nothing,
    Store(S3),
    All(Box<Servers>),
    Lent(Lent),
}

/// The lent servers, until this is dropped.
#[derive(Debug)]
struct Lent(MutexGuard<'static, Option<Servers>>);

impl Servers {
    fn start(postgres: fn() -> Postgres) -> Self {
        // Each waits for its server.
        std::thread::scope(|scope| {
            let postgres = scope.spawn(postgres);
            let rabbit = Rabbit::start();
            Self {
                postgres: postgres.join().expect("PostgreSQL starts"),
                rabbit,
                s3: S3::start(),
            }
        })
    }
}

/// A database, a virtual host and a bucket, empty at first.
#[derive(Debug)]
pub struct Ground {
    database: String,
    amqp: String,
    s3: Vec<(&'static str, String)>,
    objects: Objects,
    own: Own,
}

impl Ground {
    /// On servers that the tests of this run share.
    pub fn shared() -> Self {
        let bucket = S3::shared().bucket();
        Self {
            database: Postgres::shared().database(),
            amqp: Rabbit::shared().host().url(),
            s3: bucket.variables().into(),
            objects: bucket.objects(),
            own: Own::Nothing,
        }
    }

    /// On the shared servers, but for an object store of its own, for a test that makes that fail.
    pub fn with_own_store() -> Self {
        let store = S3::start();
        let bucket = store.bucket();
        Self {
            s3: bucket.variables().into(),
            objects: bucket.objects(),
            own: Own::Store(store),
            ..Self::shared()
        }
    }

    /// On servers of its own.
    pub fn private() -> Self {
        Self::on(Servers::start(Postgres::start), |servers| {
            Own::All(Box::new(servers))
        })
    }

    /// On servers of its own that sync what they are told to the disk.
    pub fn durable() -> Self {
        Self::on(Servers::start(Postgres::durable), |servers| {
            Own::All(Box::new(servers))
        })
    }

    /// On servers that this test alone has while it lasts; whoever wants them too waits. They must be running
    /// and willing again at its end; those of a test that fails are not used again.
    pub async fn lent() -> Self {
        let mut lent = LENT.lock().await;
        let servers = match lent.take() {
            Some(servers) => servers,
            None => Servers::start(Postgres::start),
        };
        Self::on(servers, |servers| {
            *lent = Some(servers);
            Own::Lent(Lent(lent))
        })
    }

    fn on(servers: Servers, keep: impl FnOnce(Servers) -> Own) -> Self {
        let bucket = servers.s3.bucket();
        Self {
            database: servers.postgres.database(),
            amqp: servers.rabbit.host().url(),
            s3: bucket.variables().into(),
            objects: bucket.objects(),
            own: keep(servers),
        }
    }

    /// The servers of a ground of its own.
    ///
    /// # Panics
    ///
    /// When they are shared, and so not to be touched.
    pub fn servers(&self) -> &Servers {
        match &self.own {
            Own::All(servers) => Some(&**servers),
            Own::Lent(Lent(servers)) => servers.as_ref(),
            Own::Nothing | Own::Store(_) => None,
        }
        .expect("the servers are shared")
    }

    /// The object store of a ground that has its own.
    ///
    /// # Panics
    ///
    /// When it is shared, and so not to be touched.
    pub fn s3(&self) -> &S3 {
        match &self.own {
            Own::Store(store) => store,
            Own::Nothing | Own::All(_) | Own::Lent(_) => &self.servers().s3,
        }
    }

    /// The database's address.
    pub fn database(&self) -> &str {
        &self.database
    }

    /// The broker's address.
    pub fn amqp(&self) -> &str {
        &self.amqp
    }

    /// The object store's address.
    pub fn s3_endpoint(&self) -> &str {
        let mut variables = self.s3.iter();
        let endpoint = variables.find(|(name, _)| *name == "PLATEN_S3_ENDPOINT");
        let (_, endpoint) = endpoint.expect("a bucket has an address");
        endpoint
    }

    /// The database, read beside the services.
    pub fn store(&self) -> Store {
        postgres::store(&self.database)
    }

    /// The bucket, written and read beside the services.
    pub fn objects(&self) -> &Objects {
        &self.objects
    }

    /// Every move of an account's balance, oldest first.
    pub async fn ledger(&self, account: &str) -> Vec<Entry> {
        let account = account.parse().expect("an account id");
        let ledger = self.store().ledger(account).await;
        ledger.expect("the ledger is readable")
    }

    /// How the services are told of it.
    pub(super) fn variables(&self) -> Vec<(String, String)> {
        let servers = [
            ("PLATEN_DATABASE_URL", self.database.clone()),
            ("PLATEN_AMQP_URL", self.amqp.clone()),
        ];
        let all = servers.into_iter().chain(self.s3.iter().cloned());
        all.map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        // Who knows in what state they are.
        if std::thread::panicking() {
            *self.0 = None;
        }
    }
}
