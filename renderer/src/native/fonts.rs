//! Which fonts there are: the installed ones, read once, and those that a caller brings along.

mod fallback;
mod file;
pub(super) mod sfnt;

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use common::task::layers::{Font, FontFile};
use parley::fontique::{
    Blob, Collection, CollectionOptions, FontInfoOverride, GenericFamily, SourceCache,
};
use parley::{FontContext, FontFamilyName, FontStyle, FontWeight, LayoutContext};
use resvg::usvg::fontdb;

use super::Files;

/// What a text in an unknown family is written in (reference section 1.9), then what it is written in
/// where that is not installed.
const DEFAULTS: &[&str] = &[
    "Inter",
    "Noto Sans",
    "DejaVu Sans",
    "Liberation Sans",
    "Arimo",
];

/// Where Debian and its like install fonts.
const SYSTEM: &[&str] = &["/usr/share/fonts", "/usr/local/share/fonts"];

/// The most desks that are kept for reuse.
const SPARE_DESKS: usize = 8;

/// The installed fonts.
pub struct Fonts {
    installed: Collection,
    /// From the plain name to the real one.
    names: HashMap<String, String>,
    folders: Vec<PathBuf>,
    /// What text inside of SVG pictures is written in; read at its first use.
    svg: OnceLock<Arc<fontdb::Database>>,
    spare: Mutex<Vec<Desk>>,
}

impl fmt::Debug for Fonts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fonts")
            .field("families", &self.names.len())
            .field("folders", &self.folders)
            .finish_non_exhaustive()
    }
}

/// What one painting works with: caches that are warm when it is used again.
pub(super) struct Desk {
    pub(super) context: FontContext,
    pub(super) layouts: LayoutContext<()>,
    pub(super) painter: vello_cpu::Resources,
    names: HashMap<String, String>,
    /// From the plain name of a caller's font to the name that it is registered by.
    own: HashMap<String, String>,
}

impl Fonts {
    /// Reads the fonts of the system and of an operator's folders.
    pub fn load(folders: &[PathBuf]) -> Self {
        let system = SYSTEM.iter().map(PathBuf::from);
        Self::load_only(&folders.iter().cloned().chain(system).collect::<Vec<_>>())
    }

    /// Reads the fonts of some folders, and no others.
    pub fn load_only(folders: &[PathBuf]) -> Self {
        let mut installed = Collection::new(CollectionOptions {
            shared: false,
            system_fonts: false,
        });
        let folders: Vec<PathBuf> = folders.iter().filter(|it| it.is_dir()).cloned().collect();
        installed.load_fonts_from_paths(&folders);
        let names: HashMap<String, String> = installed
            .family_names()
            .map(|name| (plain(name), name.to_owned()))
            .collect();
        let defaults: Vec<_> = DEFAULTS
            .iter()
            .filter_map(|name| installed.family_id(name))
            .collect();
        installed.set_generic_families(GenericFamily::SansSerif, defaults.into_iter());
        fallback::install(&mut installed);
        Self {
            installed,
            names,
            folders,
            svg: OnceLock::new(),
            spare: Mutex::default(),
        }
    }

    /// How many families are installed.
    pub fn families(&self) -> usize {
        self.names.len()
    }

    /// A desk with a caller's fonts on it. One that can't be read is left out (reference section 1.9).
    pub(super) fn desk(&self, own: &[FontFile], files: &Files) -> Desk {
        if own.is_empty() {
            let mut spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(desk) = spare.pop() {
                return desk;
            }
        }
        let mut desk = Desk {
            context: FontContext {
                collection: self.installed.clone(),
                source_cache: SourceCache::default(),
            },
            layouts: LayoutContext::new(),
            painter: vello_cpu::Resources::new(),
            names: self.names.clone(),
            own: HashMap::new(),
        };
        for font in own {
            desk.add(font, files);
        }
        desk
    }

    /// Keeps a desk for the next painting, unless somebody's own fonts are on it.
    pub(super) fn give_back(&self, desk: Desk) {
        let mut spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner);
        if desk.own.is_empty() && spare.len() < SPARE_DESKS {
            spare.push(desk);
        }
    }

    /// The fonts for text inside of SVG pictures.
    pub(super) fn for_svg(&self) -> Arc<fontdb::Database> {
        let load = || {
            let mut fonts = fontdb::Database::new();
            for folder in &self.folders {
                fonts.load_fonts_dir(folder);
            }
            let default = DEFAULTS
                .iter()
                .find_map(|name| self.names.get(&plain(name)));
            if let Some(default) = default {
                fonts.set_sans_serif_family(default);
                fonts.set_serif_family(default);
            }
            Arc::new(fonts)
        };
        Arc::clone(self.svg.get_or_init(load))
    }
}

impl Desk {
    /// The families to write a text in, the wanted one first. What they lack is in the fallbacks.
    pub(super) fn families(&self, font: &Font) -> Vec<FontFamilyName<'static>> {
        let wanted = plain(&font.family);
        let default = DEFAULTS
            .iter()
            .find_map(|name| self.names.get(&plain(name)));
        [self.own.get(&wanted), self.names.get(&wanted), default]
            .into_iter()
            .flatten()
            .map(|name| FontFamilyName::Named(name.clone().into()))
            .collect()
    }

    fn add(&mut self, font: &FontFile, files: &Files) {
        let Some(bytes) = files.get(&font.file).and_then(file::open) else {
            tracing::debug!("a caller's font can't be read and is left out");
            return;
        };
        let plain = plain(&font.name);
        // No installed font may mix with the caller's under one name.
        let name = format!("own {plain}");
        let style = if font.italic {
            FontStyle::Italic
        } else {
            FontStyle::Normal
        };
        let added = self.context.collection.register_fonts(
            Blob::new(Arc::new(bytes)),
            Some(FontInfoOverride {
                family_name: Some(&name),
                weight: Some(FontWeight::new(font.weight.css().into())),
                style: Some(style),
                ..FontInfoOverride::default()
            }),
        );
        if added.is_empty() {
            tracing::debug!("a caller's font holds no font and is left out");
            return;
        }
        self.own.insert(plain, name);
    }
}

/// A family's name as it is compared: the dialect writes `NotoSansArabic`.
fn plain(name: &str) -> String {
    name.chars()
        .filter(|letter| letter.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}
