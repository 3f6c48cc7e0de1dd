//! The profile that LibreOffice is started with: it updates no links, trusts no source, runs no macros, and sends
//! what it would load to a proxy that is not there.

use std::fmt::Write as _;
use std::path::Path;
use std::{fs, io};

const SECURITY: &str = "/org.openoffice.Office.Common/Security/Scripting";
const INTERNET: &str = "/org.openoffice.Inet/Settings";

/// The place, name and value of each setting.
const SETTINGS: &[(&str, &str, &str)] = &[
    // What is linked from an untrusted place is not loaded, and no place is trusted.
    (SECURITY, "BlockUntrustedRefererLinks", "true"),
    (SECURITY, "DisableMacrosExecution", "true"),
    (SECURITY, "MacroSecurityLevel", "3"),
    (SECURITY, "DisableActiveContent", "true"),
    // Never.
    ("/org.openoffice.Office.Writer/Content/Update", "Link", "0"),
    ("/org.openoffice.Office.Calc/Content/Update", "Link", "2"),
    // By hand: port 9 discards, where anything listens at all.
    (INTERNET, "ooInetProxyType", "2"),
    (INTERNET, "ooInetHTTPProxyName", "127.0.0.1"),
    (INTERNET, "ooInetHTTPProxyPort", "9"),
    (INTERNET, "ooInetHTTPSProxyName", "127.0.0.1"),
    (INTERNET, "ooInetHTTPSProxyPort", "9"),
    (INTERNET, "ooInetNoProxy", ""),
    ("/org.openoffice.Office.Common/Misc", "FirstRun", "false"),
    ("/org.openoffice.Office.Common/Misc", "CrashReport", "false"),
];

/// Makes a profile in a folder, which it makes.
pub(super) fn make(folder: &Path) -> io::Result<()> {
    let user = folder.join("user");
    fs::create_dir_all(&user)?;
    let mut text = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <oor:items xmlns:oor=\"http://openoffice.org/2001/registry\">\n",
    );
    for (path, name, value) in SETTINGS {
        let written = writeln!(
            text,
            "<item oor:path=\"{path}\"><prop oor:name=\"{name}\" oor:op=\"fuse\"><value>{value}</value></prop></item>"
        );
        written.map_err(io::Error::other)?;
    }
    text.push_str("</oor:items>\n");
    fs::write(user.join("registrymodifications.xcu"), text)
}
