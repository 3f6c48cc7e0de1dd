//! An installation of three services over PostgreSQL, RabbitMQ and S3, each in as many processes as a
//! test wants, to be stopped, killed and started one by one.

mod ground;
mod member;

use tempfile::TempDir;

use crate::cli::Cli;
use crate::process::Lines;
use crate::{Api, Start};

pub use ground::Ground;
pub use member::{Member, Role};

/// The secret that signs links in every installation of the tests.
const LINK_KEY: &str = "a link key of the tests, long enough";

/// The secret that seals tasks in every installation of the tests.
pub const SEAL_KEY: &str = "a seal key of the tests, long enough";

/// How many processes there are of each service.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Gateways.
    pub gateways: usize,
    /// Renderers.
    pub renderers: usize,
    /// Dispatchers.
    pub dispatchers: usize,
}

impl Size {
    /// One of each.
    pub const ONE: Self = Self::all(1);

    /// So many of each.
    pub const fn all(count: usize) -> Self {
        Self {
            gateways: count,
            renderers: count,
            dispatchers: count,
        }
    }
}

/// A running installation; it ends with its value.
#[derive(Debug)]
pub struct Services {
    /// The gateways.
    pub gateways: Vec<Member>,
    /// The renderers.
    pub renderers: Vec<Member>,
    /// The dispatchers.
    pub dispatchers: Vec<Member>,
    ground: Ground,
    account: String,
    key: String,
    log: Lines,
    _folder: TempDir,
}

impl Services {
    /// Starts an installation; returns once every process is ready.
    pub async fn start(ground: Ground, size: Size, start: &Start) -> Self {
        let (account, key) = first_account(&ground).await;
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let log = Lines::default();
        let listen: Vec<String> = (0..size.gateways)
            .map(|_| format!("127.0.0.1:{}", crate::port::free()))
            .collect();
        let public = listen.first().expect("there is a gateway");
        let shared = variables(&ground, &format!("http://{public}"), start);
        let member = |role, number| Member::new(role, number, &shared, (folder.path(), &log));
        let gateway = |(number, listen): (usize, &String)| {
            let mut gateway = member(Role::Gateway, number);
            gateway.set("PLATEN_LISTEN", listen);
            gateway
        };
        let mut services = Self {
            gateways: listen.iter().enumerate().map(gateway).collect(),
            renderers: (0..size.renderers)
                .map(|number| member(Role::Renderer, number))
                .collect(),
            dispatchers: (0..size.dispatchers)
                .map(|number| member(Role::Dispatcher, number))
                .collect(),
            ground,
            account,
            key,
            log,
            _folder: folder,
        };
        for member in services.members_mut() {
            if start.is_measured() {
                member.measure();
            }
            member.launch();
        }
        services.ready().await;
        services
    }

    /// Waits until every process that runs is ready.
    pub async fn ready(&self) {
        for member in self.members() {
            member.ready().await;
        }
    }

    /// The address of a gateway.
    pub fn url(&self, gateway: usize) -> String {
        self.gateways[gateway].address()
    }

    /// A program with the first account's key that speaks to one gateway.
    pub fn api(&self, gateway: usize) -> Api {
        Api::new(&self.url(gateway), &self.key)
    }

    /// The first account.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// Its key.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The command line beside it.
    pub fn cli(&self) -> Cli {
        Cli::on_database(self.ground.database())
    }

    /// What it stands on.
    pub fn ground(&self) -> &Ground {
        &self.ground
    }

    /// What all its processes have written to standard error.
    pub fn log(&self) -> &Lines {
        &self.log
    }

    /// Every process.
    pub fn members(&self) -> impl Iterator<Item = &Member> {
        self.gateways
            .iter()
            .chain(&self.renderers)
            .chain(&self.dispatchers)
    }

    /// Every process.
    pub fn members_mut(&mut self) -> impl Iterator<Item = &mut Member> {
        self.gateways
            .iter_mut()
            .chain(&mut self.renderers)
            .chain(&mut self.dispatchers)
    }
}

/// A process of an installation whose database may be empty still, and the folder that it writes to.
pub fn alone(role: Role, ground: &Ground) -> (Member, TempDir) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let variables = variables(ground, "http://127.0.0.1", &Start::open());
    let mut member = Member::new(role, 0, &variables, (folder.path(), &Lines::default()));
    member.set("PLATEN_LISTEN", "127.0.0.1:0");
    (member, folder)
}

/// What every service of an installation is told.
fn variables(ground: &Ground, public_url: &str, start: &Start) -> Vec<(String, String)> {
    let shared = [
        ("PLATEN_PUBLIC_URL", public_url),
        ("PLATEN_LINK_KEY", LINK_KEY),
        ("PLATEN_SEAL_KEY", SEAL_KEY),
    ];
    let told = shared.into_iter().chain(start.variables());
    let told = told.map(|(name, value)| (name.to_owned(), value.to_owned()));
    ground.variables().into_iter().chain(told).collect()
}

/// Makes the tables, and an account without a rate limit: its id and a key.
async fn first_account(ground: &Ground) -> (String, String) {
    let cli = Cli::on_database(ground.database());
    cli.run(&["migrate"]).await;
    let account = cli.account("default", "10000").await;
    cli.run(&["account", "set", &account, "--rate", "off"])
        .await;
    let (key, _) = cli.key(&account).await;
    (account, key)
}

impl Drop for Services {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.log.print_tail("the services' log", 0);
        }
    }
}
