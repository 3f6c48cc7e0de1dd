//! Sends the samples that owners try their endpoints with, and writes down what came of them.

use std::sync::Arc;
use std::time::Duration;

use common::clock::Clock;
use common::fetch::Client;
use common::link::Links;
use common::objects::{ObjectError, Objects};
use common::retry::{insist, until_done};
use common::signature::WebhookKey;
use common::store::{AttemptRecord, Ping, Store};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::deliver::Letter;
use crate::deliver::attempt::{self, Call};
use crate::hosts::{Breaker, Hosts};
use crate::payload::Payload;
use crate::{Config, Parts};

/// How often is looked for pings: a person waits for one.
const TICK: Duration = Duration::from_millis(500);

/// The most pings at a time.
const MOST: usize = 32;

/// The longest that a person waits for a ping's answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// Sends pings.
#[derive(Debug)]
pub(crate) struct Pinger {
    store: Store,
    clock: Clock,
    links: Links,
    objects: Objects,
    secrets: WebhookKey,
    client: Client,
    timeout: Duration,
    hosts: Arc<Hosts>,
}

impl Pinger {
    pub(crate) fn new(parts: &Parts, config: &Config, client: Client, hosts: Arc<Hosts>) -> Self {
        Self {
            store: parts.store.clone(),
            clock: parts.clock.clone(),
            links: parts.links.clone(),
            objects: parts.objects.clone(),
            secrets: parts.secrets.clone(),
            client,
            timeout: config.webhook_timeout.min(PATIENCE),
            hosts,
        }
    }

    /// Sends until `draining`, and finishes those in hand.
    pub(crate) async fn run(self: Arc<Self>, draining: CancellationToken) {
        let mut in_hand = JoinSet::new();
        while !draining.is_cancelled() {
            while in_hand.len() < MOST {
                let claim = || self.store.claim_ping(self.clock.now());
                let claimed = until_done("look for pings", &draining, claim).await;
                let Some(Some(ping)) = claimed else {
                    break;
                };
                let this = Arc::clone(&self);
                in_hand.spawn(async move { this.send(ping).await });
            }
            tokio::select! {
                () = draining.cancelled() => {}
                () = tokio::time::sleep(TICK) => {}
            }
            while in_hand.try_join_next().is_some() {}
        }
        while in_hand.join_next().await.is_some() {}
    }

    /// Sends one.
    pub(crate) async fn send(&self, ping: Ping) {
        let record = self.call(&ping).await;
        insist("write down what came of a ping", || {
            self.store.finish_ping(ping.id, &record, self.clock.now())
        })
        .await;
    }

    async fn call(&self, ping: &Ping) -> AttemptRecord {
        let Ok(place) = self.hosts.enter(&ping.url, ping.account, Breaker::Passed) else {
            return attempt::not_made("as many calls to this host or for this account are under way as there may be; try again later".to_owned());
        };
        let now = self.clock.now();
        let secrets = match self.store.endpoint(ping.account).await {
            Ok(Some(endpoint)) => self.secrets.secrets(ping.account, endpoint.secret, now),
            Ok(None) => return attempt::not_made("the account is gone".to_owned()),
            Err(error) => return attempt::not_made(error.to_string()),
        };
        let payload = Payload::sample(ping.dialect, &self.links, now);
        let signed = Letter::sign(
            (ping.dialect, payload),
            &secrets,
            ping.id.to_string(),
            now,
            &self.objects,
        );
        let sent = async {
            let letter = signed.await?;
            let (body, _) = letter.body(&self.objects).await?;
            let call = Call {
                url: &ping.url,
                letter: &letter,
                body,
                trace: None,
            };
            Ok(attempt::make(&self.client, call, self.timeout, now).await)
        };
        let sent: Result<_, ObjectError> = sent.await;
        drop(place);
        match sent {
            Ok((record, _)) => record,
            Err(error) => attempt::not_made(error.to_string()),
        }
    }
}
