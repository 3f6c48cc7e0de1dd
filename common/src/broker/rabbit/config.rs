//! Where RabbitMQ is. The address holds a password, so it is parsed late and never printed.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use clap::Args;
use lapin::uri::{AMQPScheme, AMQPUri};
use url::{Host, Url};

/// Seconds between heartbeats; a server that is silent for twice as long is taken for dead.
const HEARTBEAT: u16 = 10;

/// Options of the broker.
#[derive(Debug, Clone, Args)]
#[group(skip)]
pub struct Config {
    /// Address of RabbitMQ, such as `amqp://user:password@host:5672/virtual-host`
    #[arg(
        long,
        env = "PLATEN_AMQP_URL",
        hide_env_values = true,
        value_name = "URL",
        default_value = "amqp://guest:guest@127.0.0.1:5672/%2f"
    )]
    pub amqp_url: AmqpUrl,

    /// How often a consumer begins anew on a channel of its own: messages that RabbitMQ believes to be in its hands, but never sent, are then given out again
    #[arg(long, env = "PLATEN_AMQP_RENEW_EVERY", value_name = "TIME", default_value = "1m", value_parser = crate::duration::parse_positive)]
    pub amqp_renew_every: Duration,
}

impl Config {
    /// A server by its address, and the defaults.
    pub const fn new(amqp_url: AmqpUrl) -> Self {
        Self {
            amqp_url,
            amqp_renew_every: Duration::from_mins(1),
        }
    }
}

/// The address as it was given. Any text is taken, since a complaint by the command line's parser
/// would show it; [`Self::check`] complains without.
#[derive(Clone, PartialEq, Eq)]
pub struct AmqpUrl(String);

/// What is wrong with an address, without the address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidUrl {
    /// Not a URL of the form that AMQP uses.
    #[error(
        "--amqp-url (PLATEN_AMQP_URL) is not of the form amqp://user:password@host:5672/virtual-host; characters such as @ and / in a password are written as %40 and %2F"
    )]
    Malformed,
    /// The scheme asks for TLS.
    #[error(
        "--amqp-url (PLATEN_AMQP_URL) asks for TLS, which is not built in: keep the broker in a private network, or put a TLS tunnel beside this service and name it with amqp://"
    )]
    Tls,
    /// The host is an IPv6 address, for which the AMQP library would silently take `localhost`.
    #[error(
        "--amqp-url (PLATEN_AMQP_URL) names an IPv6 address, which is not understood here: give a host name"
    )]
    Ipv6,
}

impl AmqpUrl {
    /// Complains about an address that can't be used.
    pub fn check(&self) -> Result<(), InvalidUrl> {
        self.parse().map(drop)
    }

    pub(super) fn parse(&self) -> Result<AMQPUri, InvalidUrl> {
        let url = Url::parse(&self.0).map_err(|_| InvalidUrl::Malformed)?;
        if matches!(url.host(), Some(Host::Ipv6(_))) {
            return Err(InvalidUrl::Ipv6);
        }
        let mut server = AMQPUri::from_str(&self.0).map_err(|_| InvalidUrl::Malformed)?;
        if server.scheme == AMQPScheme::AMQPS {
            return Err(InvalidUrl::Tls);
        }
        // A lone slash would name the virtual host of the empty name, which nobody has.
        if server.vhost.is_empty() {
            "/".clone_into(&mut server.vhost);
        }
        server.query.heartbeat.get_or_insert(HEARTBEAT);
        Ok(server)
    }
}

impl fmt::Debug for AmqpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AmqpUrl(..)")
    }
}

impl FromStr for AmqpUrl {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<AMQPUri, InvalidUrl> {
        AmqpUrl(text.to_owned()).parse()
    }

    #[test]
    fn an_address_names_server_login_and_virtual_host() {
        let server = parse("amqp://me:p%40ss@10.0.0.7:5673/print").unwrap();
        assert_eq!(server.authority.host, "10.0.0.7");
        assert_eq!(server.authority.port, 5673);
        assert_eq!(server.authority.userinfo.password, "p@ss");
        assert_eq!(server.vhost, "print");
        assert_eq!(server.query.heartbeat, Some(10));
        assert_eq!(parse("amqp://broker/").unwrap().vhost, "/");
        assert_eq!(parse("amqp://broker").unwrap().vhost, "/");
        let slow = parse("amqp://broker?heartbeat=20").unwrap();
        assert_eq!(slow.query.heartbeat, Some(20));
    }

    #[test]
    fn what_would_be_misunderstood_is_refused() {
        assert_eq!(parse("broker:5672").unwrap_err(), InvalidUrl::Malformed);
        assert_eq!(parse("http://broker").unwrap_err(), InvalidUrl::Malformed);
        assert_eq!(parse("amqps://broker").unwrap_err(), InvalidUrl::Tls);
        assert_eq!(parse("amqp://[::1]:5672").unwrap_err(), InvalidUrl::Ipv6);
    }

    #[test]
    fn nothing_prints_the_password() {
        let url = AmqpUrl("amqps://me:hunter2@broker".to_owned());
        let complaint = url.check().unwrap_err().to_string();
        assert!(!complaint.contains("hunter2") && !format!("{url:?}").contains("hunter2"));
    }
}
