//! Makes a page ahead of demand: a context with its own proxy, one empty tab, a session that listens.

use futures::try_join;
use headless_chrome::protocol::cdp::{
    Browser as BrowserDomain, Inspector, Log, Page as PageDomain, Runtime, Target,
};

use super::watch::Watch;
use super::{Context, Page, PageError, alive};
use crate::browser::{Browser, Network};
use crate::proxy::Proxy;

/// Loopback is no exception: without this the browser would dial it directly.
const NO_BYPASS: &str = "<-loopback>";

impl Page {
    /// Makes an empty page in a context of its own.
    pub async fn prepare(browser: &Browser, network: &Network) -> Result<Self, PageError> {
        let proxy = Proxy::bind(network.rules()).await?;
        let context = Context::create(browser, &proxy).await?;
        let connection = browser.connection();
        let target = connection.call(create_target(&context.id));
        // Denying downloads is the browser's own business: it need not come before the tab.
        let downloads = connection.call(deny_downloads(&context.id));
        let (target, _) = try_join!(target, downloads)?;
        let target = target.target_id;
        let attach = Target::AttachToTarget {
            target_id: target.clone(),
            flatten: Some(true),
        };
        let id = connection.call(attach).await?.session_id;
        let (session, events) = connection.session(id);
        let watch = Watch::start(target.clone(), session.clone(), events);
        let listening = async {
            try_join!(
                session.call(PageDomain::Enable {
                    enable_file_chooser_opened_event: None
                }),
                session.call(PageDomain::SetLifecycleEventsEnabled { enabled: true }),
                session.call(Inspector::Enable(None)),
                session.call(Log::Enable(None)),
                session.call(Runtime::Enable(None)),
            )?;
            Ok(())
        };
        alive(&watch, listening).await?;
        Ok(Self {
            context,
            target,
            session,
            watch,
            proxy,
        })
    }
}

impl Context {
    async fn create(browser: &Browser, proxy: &Proxy) -> Result<Self, PageError> {
        let created = browser
            .connection()
            .call(Target::CreateBrowserContext {
                dispose_on_detach: Some(true),
                proxy_server: Some(format!("http://{}", proxy.address())),
                proxy_bypass_list: Some(NO_BYPASS.to_owned()),
                origins_with_universal_network_access: None,
            })
            .await?;
        let id = created.browser_context_id;
        browser.targets().expect(&id);
        Ok(Self {
            browser: browser.clone(),
            id,
        })
    }
}

fn create_target(context: &str) -> Target::CreateTarget {
    Target::CreateTarget {
        url: "about:blank".to_owned(),
        left: None,
        top: None,
        width: None,
        height: None,
        window_state: None,
        browser_context_id: Some(context.to_owned()),
        enable_begin_frame_control: None,
        new_window: None,
        background: None,
        for_tab: None,
        hidden: None,
    }
}

fn deny_downloads(context: &str) -> BrowserDomain::SetDownloadBehavior {
    BrowserDomain::SetDownloadBehavior {
        behavior: BrowserDomain::SetDownloadBehaviorBehaviorOption::Deny,
        browser_context_id: Some(context.to_owned()),
        download_path: None,
        events_enabled: None,
    }
}
