//! Which fonts there are: the installed ones, read once, and those that a caller brings along.

mod fallback;
mod file;
pub(super) mod sfnt;

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use bytes::Bytes;
use common::task::layers::{Font, FontFile};
use parley::fontique::{
    Blob, Collection, CollectionOptions, FontInfoOverride, GenericFamily, SourceCache,
};
use parley::{FontContext, FontFamilyName, FontStyle, FontWeight, LayoutContext};

use super::picture::list_of_faces;
use super::{Files, Limits, PaintError};

pub(super) use fallback::language;

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

/// The most bytes of all different fonts that a caller brings along, unpacked.
const OWN_BYTES: usize = 128 * 1024 * 1024;

/// The most desks that are kept for reuse.
const SPARE_DESKS: usize = 8;

/// The installed fonts.
pub struct Fonts {
    installed: Collection,
    /// From the plain name to the real one.
    names: HashMap<String, String>,
    folders: Vec<PathBuf>,
    /// What text inside of SVG pictures is written in, as it is told; read at its first use.
    svg: OnceLock<Bytes>,
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
        let mut names: HashMap<String, String> = installed
            .family_names()
            .map(|name| (plain(name), name.to_owned()))
            .collect();
        for (name, real) in aliases() {
            if let Some(real) = names.get(&real).cloned() {
                names.entry(name).or_insert(real);
            }
        }
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

    /// Where they are installed.
    pub(super) fn folders(&self) -> &[PathBuf] {
        &self.folders
    }

    /// How many families are installed.
    pub fn families(&self) -> usize {
        self.names.len()
    }

    /// A desk with a caller's fonts on it. One that can't be read is left out (reference section 1.9).
    pub(super) fn desk(
        &self,
        own: &[FontFile],
        files: &Files,
        limits: &Limits,
    ) -> Result<Desk, PaintError> {
        if own.is_empty() {
            let mut spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(desk) = spare.pop() {
                return Ok(desk);
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
        let (mut opened, mut left) = (HashMap::new(), OWN_BYTES);
        for (place, font) in own.iter().enumerate() {
            if limits.is_late() {
                return Err(PaintError::Late);
            }
            // Unpacked once, by however many names it goes.
            if !opened.contains_key(&font.file) {
                let bytes = files.get(&font.file).and_then(file::open);
                let length = bytes.as_ref().map_or(0, Bytes::len);
                let over = PaintError::TooMuchFont {
                    place,
                    limit: OWN_BYTES,
                };
                left = left.checked_sub(length).ok_or(over)?;
                opened.insert(&font.file, bytes);
            }
            desk.add(font, opened.get(&font.file).cloned().flatten());
        }
        Ok(desk)
    }

    /// Keeps a desk for the next painting, unless somebody's own fonts are on it.
    pub(super) fn give_back(&self, desk: Desk) {
        let mut spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner);
        if desk.own.is_empty() && spare.len() < SPARE_DESKS {
            spare.push(desk);
        }
    }

    /// The fonts for text inside of SVG pictures, as a list.
    pub(super) fn for_svg(&self) -> Bytes {
        let default = DEFAULTS
            .iter()
            .find_map(|name| self.names.get(&plain(name)));
        let list = || list_of_faces(&self.folders, default.map(String::as_str)).into();
        self.svg.get_or_init(list).clone()
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

    fn add(&mut self, font: &FontFile, bytes: Option<Bytes>) {
        let Some(bytes) = bytes else {
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

/// Plain names of families that Debian installs under others: the same fonts, for all of Chinese, Japanese and Korean
/// in one file.
fn aliases() -> impl Iterator<Item = (String, String)> {
    let regions = ["SC", "TC", "HK", "JP", "KR"];
    let styles = ["Sans", "Serif"];
    styles.into_iter().flat_map(move |style| {
        regions.map(|region| {
            let name = plain(&format!("Noto {style} {region}"));
            (name, plain(&format!("Noto {style} CJK {region}")))
        })
    })
}

/// A family's name as it is compared: the dialect writes `NotoSansArabic`.
fn plain(name: &str) -> String {
    name.chars()
        .filter(|letter| letter.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}
