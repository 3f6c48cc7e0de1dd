//! Private RabbitMQ servers for the tests, gone when the test run is, however that ends.
//!
//! Nothing is shared with a server of the machine: not the node's name, its cookie, its folders nor
//! the daemon that knows its ports.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Duration;

use crate::cable::Cable;
use common::broker::Broker;
use common::broker::rabbit::Config;

use crate::script::Script;

/// Makes a node, serves it, stops and starts it as it is told, and takes it down once its own input
/// closes, which the system does for every way in which a test run can end.
const SCRIPT: &str = r#"
set -eu
port=$1 distribution=$2 epmd_port=$3
bin=/usr/lib/rabbitmq/bin
[ -x "$bin/rabbitmq-server" ] || { echo "no RabbitMQ server is installed" >&2; exit 1; }
folder=$(mktemp -d "${TMPDIR:-/tmp}/platen-rabbit.XXXXXX")
node= epmd=
end() {
    for process in $node $epmd; do kill -9 "$process" 2>/dev/null || true; done
    wait 2>/dev/null || true
    rm -rf "$folder"
}
trap end EXIT
trap 'exit 1' INT TERM HUP
umask 077
cd "$folder"
cookie=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
printf %s "$cookie" >.erlang.cookie
chmod 400 .erlang.cookie
: >environment
echo '[].' >plugins
cat >rabbitmq.conf <<END
listeners.tcp.1 = 127.0.0.1:$port
disk_free_limit.absolute = 1MB
END
quiet="+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none"
export HOME="$folder" ERL_EPMD_PORT="$epmd_port" ERL_EPMD_ADDRESS=127.0.0.1 \
    RABBITMQ_NODENAME="platen-$port@localhost" RABBITMQ_DIST_PORT="$distribution" \
    RABBITMQ_CONF_ENV_FILE="$folder/environment" RABBITMQ_CONFIG_FILE="$folder/rabbitmq.conf" \
    RABBITMQ_ADVANCED_CONFIG_FILE="$folder/none" RABBITMQ_ENABLED_PLUGINS_FILE="$folder/plugins" \
    RABBITMQ_MNESIA_BASE="$folder/data" RABBITMQ_LOG_BASE="$folder/log" \
    RABBITMQ_PID_FILE="$folder/pid" RABBITMQ_FEATURE_FLAGS_FILE="$folder/features" \
    RABBITMQ_GENERATED_CONFIG_DIR="$folder/generated" \
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="-kernel inet_dist_use_interface {127,0,0,1} $quiet"
start() {
    rm -rf log
    # With this set the server's script becomes the node, so its process id is the node's.
    detached=yes "$bin/rabbitmq-server" >output 2>&1 </dev/null &
    node=$!
    until grep -qs "Server startup complete" log/*.log; do
        kill -0 "$node" 2>/dev/null || { cat output >&2; exit 1; }
        sleep 0.1
    done
}
stop() {
    kill -s "$1" "$node"
    wait "$node" 2>/dev/null || true
    node=
}
epmd -port "$epmd_port" -address 127.0.0.1 >/dev/null 2>&1 &
epmd=$!
start
echo "$cookie"
while read -r command; do
    case $command in
    start) start ;;
    stop) stop TERM ;;
    kill) stop KILL ;;
    esac
    echo "$command"
done
"#;

static SHARED: LazyLock<Rabbit> = LazyLock::new(Rabbit::start);

/// A running server.
#[derive(Debug)]
pub struct Rabbit {
    script: Mutex<Script>,
    port: u16,
    distribution: u16,
    cookie: String,
    hosts: AtomicU32,
}

/// A virtual host: queues and connections of one test alone.
#[derive(Debug)]
pub struct VirtualHost<'a> {
    server: &'a Rabbit,
    name: String,
}

impl Rabbit {
    /// The server that the tests of this run share; started by the first that asks. A machine
    /// without RabbitMQ fails the test.
    pub fn shared() -> &'static Self {
        &SHARED
    }

    /// A server for a test that stops or starves it.
    pub fn start() -> Self {
        let [port, distribution, epmd] = [(); 3].map(|()| crate::port::free());
        let ports = [port, distribution, epmd].map(|port| port.to_string());
        let mut script = Script::start("rabbitmq", SCRIPT, &ports);
        let cookie = script.line();
        assert!(
            !cookie.is_empty(),
            "RabbitMQ did not start; the lines above say why"
        );
        Self {
            script: Mutex::new(script),
            port,
            distribution,
            cookie,
            hosts: AtomicU32::new(0),
        }
    }

    /// Makes an empty virtual host.
    pub fn host(&self) -> VirtualHost<'_> {
        let number = self.hosts.fetch_add(1, Ordering::Relaxed);
        let name = format!("test{number}");
        self.eval(&format!(
            r#"ok = rabbit_vhost:add(<<"{name}">>, <<"test">>),
               All = <<".*">>,
               rabbit_auth_backend_internal:set_permissions(<<"guest">>, <<"{name}">>, All, All, All, <<"test">>)"#
        ));
        VirtualHost { server: self, name }
    }

    /// Stops the server in good order; returns once it has.
    pub fn stop(&self) {
        self.tell("stop");
    }

    /// Cuts the server off; returns once it is gone.
    pub fn kill(&self) {
        self.tell("kill");
    }

    /// Starts the server again, with what it has on disk.
    pub fn start_again(&self) {
        self.tell("start");
    }

    /// Raises or ends a memory alarm, as `rabbitmqctl set_vm_memory_high_watermark` does.
    pub fn starve(&self, starve: bool) {
        let fraction = if starve { "0.0000001" } else { "0.9" };
        self.eval(&format!(
            "vm_memory_monitor:set_vm_memory_high_watermark({fraction})"
        ));
    }

    /// Closes all connections, as `rabbitmqctl close_all_connections` does.
    pub fn close_connections(&self) {
        self.eval(
            r#"rabbit_connection_tracking:close_connections(
                rabbit_connection_tracking:list(), "closed by a test", 0)"#,
        );
    }

    /// Every queue of a virtual host with the number of its messages.
    pub fn queues(&self, host: &str) -> Vec<(String, u32)> {
        let listed = self.eval(&format!(
            r#"lists:flatten([io_lib:format("~s=~b;", [
                element(4, amqqueue:get_name(Queue)),
                proplists:get_value(messages, rabbit_amqqueue:info(Queue, [messages]), 0)
            ]) || Queue <- rabbit_amqqueue:list(<<"{host}">>)])"#,
        ));
        let listed = listed
            .trim_start_matches("{ok, \"")
            .trim_end_matches("\"}\n");
        let queues = listed.split(';').filter_map(|queue| queue.split_once('='));
        queues
            .map(|(name, messages)| (name.to_owned(), messages.parse().expect("a number")))
            .collect()
    }

    /// Evaluates Erlang on the server and gives what it printed; this is what `rabbitmqctl eval`
    /// does, without the seconds that it takes.
    fn eval(&self, expression: &str) -> String {
        // Callers at the same time may take each other's node name.
        let _alone = self.script.lock().unwrap_or_else(PoisonError::into_inner);
        let mut child = Command::new("erl_call")
            .args(["-address", &format!("127.0.0.1:{}", self.distribution)])
            .args(["-c", &self.cookie, "-e"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("erl_call starts");
        let mut input = child.stdin.take().expect("its input is a pipe");
        writeln!(input, "{expression}.").expect("it reads");
        drop(input);
        let output = child.wait_with_output().expect("it ends");
        let answer = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(answer.starts_with("{ok,"), "{expression}: {answer}");
        answer
    }

    /// Evaluates Erlang to a number.
    fn count(&self, expression: &str) -> usize {
        let counted = self.eval(expression);
        let digits = counted.trim_start_matches("{ok,").trim_end_matches('}');
        digits.trim().parse().expect("a number")
    }

    fn tell(&self, command: &str) {
        let mut script = self.script.lock().unwrap_or_else(PoisonError::into_inner);
        script.tell(command);
    }
}

impl VirtualHost<'_> {
    /// Its address.
    pub fn url(&self) -> String {
        let (port, name) = (self.server.port, &self.name);
        format!("amqp://guest:guest@127.0.0.1:{port}/{name}")
    }

    /// A broker with connections of its own.
    pub async fn broker(&self) -> Broker {
        let amqp_url = self.url().parse().expect("any text is taken");
        self.broker_with(&Config::new(amqp_url)).await
    }

    /// The same over a wire that can be cut.
    pub async fn broker_over(&self, cable: &Cable) -> Broker {
        let (port, name) = (cable.port(), &self.name);
        let url = format!("amqp://guest:guest@127.0.0.1:{port}/{name}");
        let amqp_url = url.parse().expect("any text is taken");
        self.broker_with(&Config::new(amqp_url)).await
    }

    /// A wire to the server, to be cut.
    pub async fn cable(&self) -> Cable {
        Cable::to(self.server.port).await
    }

    /// The same whose consumers begin anew that often.
    pub async fn renewing_broker(&self, every: Duration) -> Broker {
        let amqp_url = self.url().parse().expect("any text is taken");
        let config = Config {
            amqp_renew_every: every,
            ..Config::new(amqp_url)
        };
        self.broker_with(&config).await
    }

    async fn broker_with(&self, config: &Config) -> Broker {
        crate::within("RabbitMQ", Broker::rabbit(config))
            .await
            .expect("the address is good")
    }

    /// How many channels are open.
    pub fn channels(&self) -> usize {
        self.server.count(&format!(
            r#"length([Channel || Channel <- rabbit_channel:list(),
                [{{vhost, <<"{}">>}}] =:= rabbit_channel:info(Channel, [vhost])])"#,
            self.name
        ))
    }

    /// How many connections are open.
    pub fn connections(&self) -> usize {
        self.server.count(&format!(
            r#"length(rabbit_connection_tracking:list(<<"{}">>))"#,
            self.name
        ))
    }

    /// How many consumers a queue sends messages to. What a declaration tells of them includes those
    /// that were cancelled and still hold messages.
    pub fn consumers(&self, queue: &str) -> usize {
        self.server.count(&format!(
            r#"{{ok, Q}} = rabbit_amqqueue:lookup(rabbit_misc:r(<<"{}">>, queue, <<"{queue}">>)),
               length(rabbit_amqqueue:consumers(Q))"#,
            self.name
        ))
    }

    /// Who they are: their channels and tags.
    pub fn consumers_of(&self, queue: &str) -> String {
        self.server.eval(&format!(
            r#"{{ok, Q}} = rabbit_amqqueue:lookup(rabbit_misc:r(<<"{}">>, queue, <<"{queue}">>)),
               rabbit_amqqueue:consumers(Q)"#,
            self.name
        ))
    }

    /// Closes all connections, as `rabbitmqctl close_all_connections` does.
    pub fn close_connections(&self) {
        self.server.eval(&format!(
            r#"rabbit_connection_tracking:close_connections(
                rabbit_connection_tracking:list(<<"{}">>), "closed by a test", 0)"#,
            self.name
        ));
    }

    /// Lowers the length limit of queues whose names match.
    pub fn limit_length(&self, pattern: &str, length: u32) {
        self.server.eval(&format!(
            r#"rabbit_policy:set(<<"{}">>, <<"short">>, <<"{pattern}">>,
                [{{<<"max-length">>, {length}}}], 0, <<"queues">>, <<"test">>)"#,
            self.name
        ));
    }
}
