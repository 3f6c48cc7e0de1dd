//! What the services stand on: a database, a virtual host and a bucket.

use common::objects::Objects;
use common::store::{Entry, Store};

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

/// A database, a virtual host and a bucket, empty at first.
#[derive(Debug)]
pub struct Ground {
    database: String,
    amqp: String,
    s3: Vec<(&'static str, String)>,
    objects: Objects,
    servers: Option<Servers>,
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
            servers: None,
        }
    }

    /// On servers of its own.
    pub fn private() -> Self {
        Self::over(Postgres::start())
    }

    /// On servers of its own that sync what they are told to the disk.
    pub fn durable() -> Self {
        Self::over(Postgres::durable())
    }

    fn over(postgres: Postgres) -> Self {
        let servers = Servers {
            postgres,
            rabbit: Rabbit::start(),
            s3: S3::start(),
        };
        let bucket = servers.s3.bucket();
        Self {
            database: servers.postgres.database(),
            amqp: servers.rabbit.host().url(),
            s3: bucket.variables().into(),
            objects: bucket.objects(),
            servers: Some(servers),
        }
    }

    /// The servers of a private ground.
    ///
    /// # Panics
    ///
    /// When they are shared, and so not to be touched.
    pub fn servers(&self) -> &Servers {
        self.servers.as_ref().expect("the servers are shared")
    }

    /// The database's address.
    pub fn database(&self) -> &str {
        &self.database
    }

    /// The broker's address.
    pub fn amqp(&self) -> &str {
        &self.amqp
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
