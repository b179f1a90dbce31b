//! A link as a QR code (ISO/IEC 18004), error correction M, with the quiet zone that readers need.
//!
//! ```
//! use staffpass_request::qr::QrCode;
//!
//! let code = QrCode::of("openid-vc://?request_uri=https%3A%2F%2Fportal.example%2Frequest%2F1")?;
//! assert!(code.to_svg("Open this request in your wallet").starts_with("<svg "));
//! assert!(code.to_terminal().lines().count() > 10);
//! # Ok::<(), staffpass_request::RequestError>(())
//! ```

use std::fmt::{self, Write as _};

use qrcode::{Color, EcLevel};

use crate::RequestError;

/// Modules of white on each side (ISO/IEC 18004 §5.3.8).
const QUIET: usize = 4;

/// Pixels of a module in the PNG: on a page of 400 pixels a phone reads it from arm's length.
const SCALE: usize = 8;

/// A QR code of one link.
#[derive(Clone, PartialEq, Eq)]
pub struct QrCode {
    width: usize,
    dark: Vec<bool>,
}

impl QrCode {
    /// Encodes a link. Error correction M: 15 % of it may be dirty or reflect.
    ///
    /// # Errors
    /// [`RequestError::LinkForm`] where it is too long for any QR code of this level (2,331 bytes).
    pub fn of(link: &str) -> Result<Self, RequestError> {
        let code = qrcode::QrCode::with_error_correction_level(link, EcLevel::M)
            .map_err(|_| RequestError::LinkForm)?;
        let (width, colors) = (code.width(), code.to_colors());
        let dark = colors.into_iter().map(|color| color == Color::Dark).collect();
        Ok(Self { width, dark })
    }

    /// Modules on each side, the quiet zone included.
    #[must_use]
    pub const fn size(&self) -> usize {
        self.width + 2 * QUIET
    }

    /// An SVG image, for a page: it scales to the element that holds it, and `label` is what a
    /// screen reader says. The quiet zone is in it, white on whatever page.
    #[must_use]
    pub fn to_svg(&self, label: &str) -> String {
        let (size, label) = (self.size(), escape(label));
        let mut svg = format!(
            concat!(
                r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" role="img" "#,
                r#"aria-label="{label}" shape-rendering="crispEdges"><title>{label}</title>"#,
                r##"<rect width="{size}" height="{size}" fill="#fff"/><path fill="#000" d=""##,
            ),
            size = size,
            label = label,
        );
        for (x, y, length) in self.runs() {
            // Writing to a string cannot fail.
            let _ = write!(svg, "M{x} {y}h{length}v1h-{length}z");
        }
        svg.push_str(r#""/></svg>"#);
        svg
    }

    /// Two rows of modules to each line of text, drawn for a dark terminal: there a filled block is
    /// light, and the camera's paper.
    #[must_use]
    pub fn to_terminal(&self) -> String {
        let mut text = String::new();
        for y in (0..self.size()).step_by(2) {
            for x in 0..self.size() {
                let light = (!self.is_dark(x, y), !self.is_dark(x, y + 1));
                text.push(match light {
                    (true, true) => '█',
                    (true, false) => '▀',
                    (false, true) => '▄',
                    (false, false) => ' ',
                });
            }
            text.push('\n');
        }
        text
    }

    /// A PNG image in black and white, eight pixels to a module.
    #[must_use]
    pub fn to_png(&self) -> Vec<u8> {
        let pixels = self.size() * SCALE;
        let side = u32::try_from(pixels).unwrap_or_default();
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, side, side);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::Eight);
        let shade = |at: usize| match self.is_dark(at % pixels / SCALE, at / pixels / SCALE) {
            true => 0,
            false => u8::MAX,
        };
        let data: Vec<u8> = (0..pixels * pixels).map(shade).collect();
        // Neither step can fail: the image is as large as said, and memory takes every write.
        let written = encoder.write_header().and_then(|mut png| png.write_image_data(&data));
        debug_assert!(written.is_ok(), "a QR code fits a PNG");
        bytes
    }

    /// Whether a module is dark, counted from the corner of the quiet zone; light outside.
    #[must_use]
    pub fn is_dark(&self, x: usize, y: usize) -> bool {
        let inside = |at: usize| at.checked_sub(QUIET).filter(|at| *at < self.width);
        match (inside(x), inside(y)) {
            (Some(x), Some(y)) => self.dark.get(y * self.width + x).copied().unwrap_or(false),
            _ => false,
        }
    }

    /// The dark modules as runs within a row: where each begins, and how long it is.
    fn runs(&self) -> Vec<(usize, usize, usize)> {
        let mut runs = Vec::new();
        for y in 0..self.size() {
            let mut x = 0;
            while x < self.size() {
                let length = (x..self.size()).take_while(|x| self.is_dark(*x, y)).count();
                if length > 0 {
                    runs.push((x, y, length));
                }
                x += length.max(1);
            }
        }
        runs
    }
}

/// Prints nothing of the link.
impl fmt::Debug for QrCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QrCode").field("size", &self.size()).finish_non_exhaustive()
    }
}

/// For an attribute and for text alike (XML 1.0 §2.4).
fn escape(label: &str) -> String {
    let mut escaped = String::with_capacity(label.len());
    for character in label.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            control if control.is_control() => escaped.push(' '),
            other => escaped.push(other),
        }
    }
    escaped
}
