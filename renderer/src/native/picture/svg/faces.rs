//! What text inside of SVG pictures is written in, as one process tells another: a list of fonts, each of which is
//! read when a letter of it is wanted.

use std::path::PathBuf;

use resvg::usvg::fontdb::{Database, FaceInfo, ID, Language, Source, Stretch, Style, Weight};
use serde::{Deserialize, Serialize};

#[derive(Debug, Default, Serialize, Deserialize)]
struct List {
    /// The family of text that names none, or none that is there.
    default: Option<String>,
    faces: Vec<Face>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Face {
    path: PathBuf,
    index: u32,
    families: Vec<String>,
    name: String,
    /// 0 is upright, 1 italic, 2 oblique.
    style: u8,
    weight: u16,
    /// 1 to 9, as OpenType counts widths.
    width: u16,
    monospaced: bool,
}

/// The list of all fonts of some folders.
pub(in crate::native) fn list(folders: &[PathBuf], default: Option<&str>) -> Vec<u8> {
    let mut fonts = Database::new();
    for folder in folders {
        fonts.load_fonts_dir(folder);
    }
    let list = List {
        default: default.map(str::to_owned),
        faces: fonts.faces().filter_map(Face::of).collect(),
    };
    serde_json::to_vec(&list).unwrap_or_else(|error| {
        tracing::error!(%error, "the fonts of drawings can't be told");
        Vec::new()
    })
}

/// The fonts of a list; none if it is empty.
pub(in super::super) fn read(told: &[u8]) -> Database {
    let list: List = serde_json::from_slice(told).unwrap_or_default();
    let mut fonts = Database::new();
    if let Some(default) = &list.default {
        fonts.set_sans_serif_family(default);
        fonts.set_serif_family(default);
    }
    for face in list.faces {
        fonts.push_face_info(face.into_info());
    }
    fonts
}

impl Face {
    fn of(info: &FaceInfo) -> Option<Self> {
        let path = match &info.source {
            // JSON has no other paths.
            Source::File(path) | Source::SharedFile(path, _) => path.to_str()?.into(),
            Source::Binary(_) => return None,
        };
        Some(Self {
            path,
            index: info.index,
            families: info.families.iter().map(|(name, _)| name.clone()).collect(),
            name: info.post_script_name.clone(),
            style: match info.style {
                Style::Normal => 0,
                Style::Italic => 1,
                Style::Oblique => 2,
            },
            weight: info.weight.0,
            width: info.stretch.to_number(),
            monospaced: info.monospaced,
        })
    }

    fn into_info(self) -> FaceInfo {
        let families = self.families.into_iter();
        FaceInfo {
            id: ID::dummy(),
            source: Source::File(self.path),
            index: self.index,
            families: families
                .map(|name| (name, Language::English_UnitedStates))
                .collect(),
            post_script_name: self.name,
            style: match self.style {
                1 => Style::Italic,
                2 => Style::Oblique,
                _ => Style::Normal,
            },
            weight: Weight(self.weight),
            stretch: stretch(self.width),
            monospaced: self.monospaced,
        }
    }
}

const fn stretch(width: u16) -> Stretch {
    match width {
        1 => Stretch::UltraCondensed,
        2 => Stretch::ExtraCondensed,
        3 => Stretch::Condensed,
        4 => Stretch::SemiCondensed,
        6 => Stretch::SemiExpanded,
        7 => Stretch::Expanded,
        8 => Stretch::ExtraExpanded,
        9 => Stretch::UltraExpanded,
        _ => Stretch::Normal,
    }
}

#[cfg(test)]
mod tests {
    use resvg::usvg::fontdb::{Family, Query};

    use super::*;

    #[test]
    fn a_list_tells_every_font_as_it_is() {
        let folders = [PathBuf::from("/usr/share/fonts")];
        let mut fonts = Database::new();
        fonts.load_fonts_dir(&folders[0]);
        let told = read(&list(&folders, Some("Inter")));
        assert_eq!(told.len(), fonts.len());
        assert!(!fonts.is_empty());
        for (face, same) in fonts.faces().zip(told.faces()) {
            assert_eq!(face.post_script_name, same.post_script_name);
            assert_eq!(
                (
                    face.index,
                    face.style,
                    face.weight,
                    face.stretch,
                    face.monospaced
                ),
                (
                    same.index,
                    same.style,
                    same.weight,
                    same.stretch,
                    same.monospaced
                ),
            );
        }
        let bold = Query {
            families: &[Family::SansSerif],
            weight: Weight::BOLD,
            ..Query::default()
        };
        let found = told.query(&bold).and_then(|id| told.face(id)).unwrap();
        assert_eq!(
            (found.families[0].0.as_str(), found.weight),
            ("Inter", Weight::BOLD)
        );
    }

    #[test]
    fn no_list_is_no_fonts() {
        assert!(read(b"").is_empty());
    }
}
