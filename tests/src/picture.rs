//! A picture that came out, read back pixel by pixel.

use image::{ImageFormat, RgbaImage};

/// A colour with its alpha.
pub type Pixel = [u8; 4];

/// A decoded picture.
#[derive(Debug)]
pub struct Picture {
    /// What the bytes say they are.
    pub format: ImageFormat,
    /// How many bytes it took.
    pub bytes: usize,
    pixels: RgbaImage,
}

impl Picture {
    /// Decodes a file.
    ///
    /// # Panics
    ///
    /// When the bytes are no picture.
    pub fn decode(bytes: &[u8]) -> Self {
        let format = image::guess_format(bytes).expect("the bytes begin like a picture");
        let image =
            image::load_from_memory_with_format(bytes, format).expect("the picture decodes");
        Self {
            format,
            bytes: bytes.len(),
            pixels: image.to_rgba8(),
        }
    }

    /// Width and height in pixels.
    pub fn size(&self) -> (u32, u32) {
        self.pixels.dimensions()
    }

    /// What lies in a box of it.
    ///
    /// # Panics
    ///
    /// When the box does not lie within it.
    #[must_use]
    pub fn part(&self, (x, y): (u32, u32), (width, height): (u32, u32)) -> Self {
        let part = image::imageops::crop_imm(&self.pixels, x, y, width, height).to_image();
        assert_eq!(part.dimensions(), (width, height), "a box within");
        Self {
            format: self.format,
            bytes: self.bytes,
            pixels: part,
        }
    }

    /// One pixel.
    pub fn at(&self, x: u32, y: u32) -> Pixel {
        self.pixels.get_pixel(x, y).0
    }

    /// What the QR code or barcode in it says; `None` without one.
    pub fn code(&self) -> Option<String> {
        let grey = image::DynamicImage::from(self.pixels.clone()).into_luma8();
        let (width, height) = grey.dimensions();
        let read = rxing::helpers::detect_in_luma(grey.into_raw(), width, height, None);
        Some(read.ok()?.getText().to_owned())
    }

    /// Whether any pixel is near this colour.
    pub fn has(&self, colour: [u8; 3]) -> bool {
        self.pixels.pixels().any(|pixel| is_near(pixel.0, colour))
    }

    /// How many pixels are near this colour.
    pub fn count(&self, colour: [u8; 3]) -> usize {
        let pixels = self.pixels.pixels();
        pixels.filter(|pixel| is_near(pixel.0, colour)).count()
    }
}

/// Whether an opaque pixel has this colour, but for what lossy formats change.
pub fn is_near([red, green, blue, alpha]: Pixel, colour: [u8; 3]) -> bool {
    let near = [red, green, blue]
        .iter()
        .zip(colour)
        .all(|(is, want)| is.abs_diff(want) <= 12);
    near && alpha == 255
}
