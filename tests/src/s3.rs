//! S3-compatible servers for the tests, in this process, on threads of their own: a test's runtime
//! ends with the test, and a shared server must not.

pub mod server;

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use common::id::StorageId;
use common::objects::Config;
use common::objects::{ObjectKey, Objects};
use common::storage::{self, Place, Target};
use serde_json::{Value, json};
use tokio::sync::oneshot;

use self::server::{Call, Keys, Mood, Server};

/// The only keys that a server takes.
const KEYS: Keys<'static> = Keys {
    id: "platen-tests",
    secret: "a-secret-for-tests/alone",
};

/// Deletes the folder once its own input closes, which the system does for every way in which a test
/// run can end.
const CLEANER: &str = r#"trap "" INT TERM HUP; read -r _; rm -rf "$1""#;

static SHARED: LazyLock<S3> = LazyLock::new(S3::start);

/// A running server.
#[derive(Debug)]
pub struct S3 {
    address: SocketAddr,
    folder: PathBuf,
    server: Arc<Server>,
    buckets: AtomicU32,
    /// The server ends with it.
    _running: oneshot::Sender<()>,
    /// Holds the pipe that keeps the folder.
    _cleaner: Child,
}

/// A bucket: the objects of one test alone.
#[derive(Debug)]
pub struct Bucket<'a> {
    server: &'a S3,
    name: String,
}

impl S3 {
    /// The server that the tests of this run share; started by the first that asks.
    pub fn shared() -> &'static Self {
        &SHARED
    }

    /// A server for a test that makes it refuse.
    pub fn start() -> Self {
        let folder = tempfile::Builder::new()
            .prefix("platen-s3.")
            .tempdir()
            .expect("a folder can be made")
            .keep();
        let cleaner = Command::new("sh")
            .args(["-c", CLEANER, "cleaner"])
            .arg(&folder)
            .stdin(Stdio::piped())
            .spawn()
            .expect("sh starts");
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port is free");
        let address = listener.local_addr().expect("it is bound");
        let server = Arc::new(Server::new(&folder, KEYS).expect("the folder is there"));
        let (running, ended) = oneshot::channel();
        let serving = Arc::clone(&server);
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build()
                .expect("a runtime starts");
            runtime.block_on(async {
                tokio::select! {
                    result = serving.serve(listener) => result.expect("the listener works"),
                    _ = ended => {}
                }
            });
            runtime.shutdown_background();
        });
        Self {
            address,
            folder,
            server,
            buckets: AtomicU32::new(0),
            _running: running,
            _cleaner: cleaner,
        }
    }

    /// Makes an empty bucket.
    pub fn bucket(&self) -> Bucket<'_> {
        let number = self.buckets.fetch_add(1, Ordering::Relaxed);
        let name = format!("test-{number}");
        std::fs::create_dir(self.folder.join(&name)).expect("the name is new");
        Bucket { server: self, name }
    }

    /// Answers every request with 503, or no longer.
    pub fn refuse(&self, refuse: bool) {
        let mood = if refuse { Mood::Refuses } else { Mood::Serves };
        self.server.set(mood);
    }

    /// Cuts every connection, those that are open and those that come, or no longer.
    pub fn cut(&self, cut: bool) {
        let mood = if cut { Mood::Cuts } else { Mood::Serves };
        self.server.set(mood);
    }

    /// Every request so far, refused ones too.
    pub fn calls(&self) -> Vec<Call> {
        self.server.calls()
    }

    /// Waits until `enough` holds of the requests so far.
    pub async fn wait_for(&self, enough: impl Fn(&[Call]) -> bool) {
        crate::within("requests to S3", self.server.wait_for(enough)).await;
    }
}

impl Bucket<'_> {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Settings that lead to it.
    pub fn config(&self) -> Config {
        Config {
            s3_endpoint: Some(format!("http://{}", self.server.address)),
            s3_public_endpoint: None,
            s3_region: "us-east-1".to_owned(),
            s3_bucket: Some(self.name.clone()),
            s3_prefix: None,
            s3_access_key_id: Some(KEYS.id.to_owned()),
            s3_secret_access_key: Some(KEYS.secret.parse().expect("any text is taken")),
            s3_virtual_hosted: false,
            s3_timeout: Duration::from_secs(30),
        }
    }

    /// The same settings as a process is given them.
    pub fn variables(&self) -> [(&'static str, String); 4] {
        [
            (
                "PLATEN_S3_ENDPOINT",
                format!("http://{}", self.server.address),
            ),
            ("PLATEN_S3_BUCKET", self.name.clone()),
            ("PLATEN_S3_ACCESS_KEY_ID", KEYS.id.to_owned()),
            ("PLATEN_S3_SECRET_ACCESS_KEY", KEYS.secret.to_owned()),
        ]
    }

    /// The request by which a customer saves it as a storage of its own.
    pub fn storage(&self, title: &str) -> Value {
        json!({
            "title": title,
            "endpoint": format!("http://{}", self.server.address),
            "region": "us-east-1",
            "bucket": self.name,
            "accessKeyId": KEYS.id,
            "secretAccessKey": KEYS.secret,
        })
    }

    /// The same as a renderer is told it.
    pub fn target(&self) -> Target {
        Target {
            storage: StorageId::new(),
            place: Place {
                endpoint: format!("http://{}", self.server.address).parse().ok(),
                region: "us-east-1".to_owned(),
                bucket: self.name.clone(),
            },
            keys: storage::Keys {
                id: KEYS.id.to_owned(),
                secret: KEYS.secret.to_owned(),
            },
        }
    }

    /// The bytes of an object in it, if it is there.
    pub fn read(&self, key: &str) -> Option<Vec<u8>> {
        std::fs::read(self.folder().join(key)).ok()
    }

    /// Deletes it with all that is in it.
    pub fn remove(&self) {
        std::fs::remove_dir_all(self.folder()).expect("the folder is ours");
    }

    fn folder(&self) -> PathBuf {
        self.server.folder.join(&self.name)
    }

    /// The object store in it.
    pub fn objects(&self) -> Objects {
        Objects::s3(&self.config()).expect("the settings are good")
    }

    /// Puts short objects there, many at once.
    pub fn plant(&self, keys: &[ObjectKey]) {
        let bucket = self.folder();
        for key in keys {
            let file = bucket.join(key.as_str());
            let folder = file.parent().expect("it lies in the bucket");
            std::fs::create_dir_all(folder).expect("the folder is ours");
            std::fs::write(file, "x").expect("the folder is ours");
        }
    }

    /// The requests so far that were about it, refused ones too.
    pub fn calls(&self) -> Vec<Call> {
        let calls = self.server.calls().into_iter();
        calls.filter(|call| call.bucket() == self.name).collect()
    }
}
