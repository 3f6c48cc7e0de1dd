//! The other side: satori and resvg-js.

use std::time::Duration;

use super::sketch::Sketch;
use crate::node::Node;

/// A running Node.js process that draws cards.
pub struct Satori {
    node: Node,
    told: String,
}

impl Satori {
    /// Starts Node.js.
    pub fn start(sketch: &Sketch) -> anyhow::Result<Self> {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/bench/card/satori.mjs");
        Ok(Self {
            node: Node::start(script)?,
            told: format!("{}\n", sketch.told()),
        })
    }

    /// Draws the card once; how long that took by Node's own clock.
    pub async fn draw(&mut self) -> anyhow::Result<Duration> {
        let line = self.node.ask(&self.told).await?;
        Ok(Duration::from_secs_f64(line.parse::<f64>()? / 1000.0))
    }
}
