//! Our own scripts in a page: run in a world of their own, where what the page did to the built-in
//! objects does not reach, and run again when the page moves on under them.

use headless_chrome::protocol::cdp::{Page as PageDomain, Runtime};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::watch::State;
use super::{Page, PageError};
use crate::cdp::{CallError, Session};

const WORLD: &str = "platen";

/// How often a script is started before a page counts as one that never stops moving on.
const STARTS: u32 = 20;

/// A page's frame and the session that it answers on.
#[derive(Debug)]
pub(super) struct Frame<'a> {
    page: &'a Page,
    id: String,
    session: Session,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Evaluated {
    #[serde(default)]
    result: Remote,
    exception_details: Option<Exception>,
}

#[derive(Default, Deserialize)]
struct Remote {
    #[serde(default)]
    value: serde_json::Value,
    #[serde(default)]
    description: String,
}

#[derive(Deserialize)]
struct Exception {
    text: String,
    exception: Option<Remote>,
}

impl Page {
    pub(super) fn main_frame(&self) -> Frame<'_> {
        Frame {
            page: self,
            id: self.target.clone(),
            session: self.session.clone(),
        }
    }

    /// The page's iframes at this moment.
    pub(super) fn iframes(&self) -> Vec<Frame<'_>> {
        self.watch.now(|state| {
            let of = |id: &String| Frame {
                page: self,
                id: id.clone(),
                session: state.sessions.get(id).unwrap_or(&self.session).clone(),
            };
            state.frames.keys().map(of).collect()
        })
    }
}

impl Frame<'_> {
    /// Evaluates an expression, waits for it if it is a promise, and gives its value.
    pub(super) async fn evaluate<T: DeserializeOwned>(
        &self,
        expression: &str,
    ) -> Result<T, PageError> {
        for _ in 0..STARTS {
            let shown = self.page.watch.now(|state| self.documents(state));
            let moved = |state: &State| (self.documents(state) != shown).then_some(());
            let answer = tokio::select! {
                biased;
                answer = self.once(expression) => answer,
                moved = self.page.watch.until(moved) => { moved?; continue }
            };
            match answer {
                Err(CallError::Refused { refusal, .. }) if went_away(&refusal.message) => {}
                Err(error) => return Err(error.into()),
                Ok(evaluated) => return value(evaluated),
            }
        }
        Err(PageError::Rendering(
            "the page never stops moving on to another".to_owned(),
        ))
    }

    /// Which of the frame's documents is shown. A script may wait for ever in one that no longer is.
    fn documents(&self, state: &State) -> Option<u64> {
        if self.id == self.page.target {
            return Some(state.main.documents);
        }
        state.frames.get(&self.id).map(|frame| frame.documents)
    }

    async fn once(&self, expression: &str) -> Result<Evaluated, CallError> {
        let world = PageDomain::CreateIsolatedWorld {
            frame_id: self.id.clone(),
            world_name: Some(WORLD.to_owned()),
            grant_univeral_access: None,
        };
        let context = self.session.call(world).await?.execution_context_id;
        let method = "Runtime.evaluate";
        let answer = self.session.call_raw(evaluate(expression, context)).await?;
        serde_json::from_slice(&answer).map_err(|source| CallError::Shape { method, source })
    }
}

fn evaluate(expression: &str, context: u32) -> Runtime::Evaluate {
    Runtime::Evaluate {
        expression: expression.to_owned(),
        object_group: None,
        include_command_line_api: None,
        silent: Some(true),
        context_id: Some(context),
        return_by_value: Some(true),
        generate_preview: None,
        user_gesture: None,
        await_promise: Some(true),
        throw_on_side_effect: None,
        timeout: None,
        disable_breaks: None,
        repl_mode: None,
        allow_unsafe_eval_blocked_by_csp: None,
        unique_context_id: None,
        serialization_options: None,
    }
}

fn went_away(message: &str) -> bool {
    [
        "Execution context was destroyed",
        "Cannot find context",
        "Inspected target navigated or closed",
        "Promise was collected",
        "uniqueContextId not found",
    ]
    .iter()
    .any(|known| message.contains(known))
}

fn value<T: DeserializeOwned>(evaluated: Evaluated) -> Result<T, PageError> {
    if let Some(exception) = evaluated.exception_details {
        let text = exception
            .exception
            .map(|exception| exception.description)
            .filter(|description| !description.is_empty())
            .unwrap_or(exception.text);
        let first = text.lines().next().unwrap_or_default().to_owned();
        return Err(PageError::Rendering(first));
    }
    serde_json::from_value(evaluated.result.value)
        .map_err(|error| PageError::Internal(format!("a page script gave something else: {error}")))
}

/// A text as a JavaScript literal.
pub(super) fn literal(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
