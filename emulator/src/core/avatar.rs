//! Drawn avatars: their URLs, and the pictures.

use super::config::Config;
use std::borrow::Cow;

/// The path of avatars; a uid and `.svg` follow.
pub(crate) const PATH: &str = "/avatars/";

/// An avatar's URL for callers. Stored avatars of this emulator are paths.
pub(crate) fn absolute<'a>(config: &Config, url: &'a str) -> Cow<'a, str> {
    if url.starts_with(PATH) {
        Cow::Owned(format!("{}{url}", config.public_url))
    } else {
        Cow::Borrowed(url)
    }
}

/// An avatar's URL for the state: the reverse of [`absolute`].
pub(crate) fn relative(config: &Config, url: String) -> String {
    match url.strip_prefix(&config.public_url) {
        Some(path) if path.starts_with(PATH) => path.to_owned(),
        _ => url,
    }
}

/// A round picture with the initials of a name. Its colours depend on the uid alone.
pub(crate) fn draw(uid: &str, name: &str) -> String {
    let initials: String = name
        .split(|c: char| !c.is_alphanumeric())
        .filter_map(|word| word.chars().next())
        .take(2)
        .flat_map(char::to_uppercase)
        .collect();
    // The golden angle gives similar uids (…-1, …-2) different hues.
    let seed =
        uid.bytes().fold(7_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)));
    let hue = f64::from(seed % 3600) * 137.508 % 360.0;
    let (light, dark) =
        (Colour::readable(hue, 0.62, 0.48), Colour::readable(hue + 40.0, 0.66, 0.34));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 96 96\" width=\"96\" \
         height=\"96\" role=\"img\" aria-label=\"{label}\">\
         <defs><linearGradient id=\"g\" x1=\"0\" y1=\"0\" x2=\"1\" y2=\"1\">\
         <stop offset=\"0\" stop-color=\"{light}\"/><stop offset=\"1\" stop-color=\"{dark}\"/>\
         </linearGradient></defs>\
         <circle cx=\"48\" cy=\"48\" r=\"48\" fill=\"url(#g)\"/>\
         <circle cx=\"76\" cy=\"20\" r=\"30\" fill=\"#fff\" fill-opacity=\"{GLOSS}\"/>\
         <text x=\"48\" y=\"50\" text-anchor=\"middle\" dominant-baseline=\"central\" fill=\"#fff\" \
         font-family=\"system-ui,sans-serif\" font-size=\"36\" font-weight=\"600\">{initials}</text>\
         </svg>",
        label = escape(name),
        initials = escape(&initials),
    )
}

/// Text for HTML and SVG.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The opacity of the white highlight in the corner.
const GLOSS: f64 = 0.12;

/// Red, green, blue, each from 0 to 1.
#[derive(Clone, Copy)]
struct Colour([f64; 3]);

impl Colour {
    /// The lightest colour of a hue (degrees), up to a lightness, with enough contrast to white
    /// text (4.5 by WCAG, with a margin), below the highlight as well.
    fn readable(hue: f64, saturation: f64, lightness: f64) -> Self {
        let mut lightness = lightness;
        while lightness > 0.0
            && Self::of_hue(hue, saturation, lightness).under_gloss().contrast_with_white() < 4.6
        {
            lightness -= 0.01;
        }
        Self::of_hue(hue, saturation, lightness)
    }

    /// CSS's `hsl()`.
    fn of_hue(hue: f64, saturation: f64, lightness: f64) -> Self {
        let reach = saturation * lightness.min(1.0 - lightness);
        Self([0.0, 8.0, 4.0].map(|offset: f64| {
            let k = (offset + hue / 30.0) % 12.0;
            lightness - reach * (k - 3.0).min(9.0 - k).clamp(-1.0, 1.0)
        }))
    }

    fn under_gloss(self) -> Self {
        Self(self.0.map(|part| part + (1.0 - part) * GLOSS))
    }

    fn contrast_with_white(self) -> f64 {
        let linear = |part: f64| {
            if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        let [red, green, blue] = self.0.map(linear);
        1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)
    }
}

impl std::fmt::Display for Colour {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [red, green, blue] = self.0.map(|part| (part * 255.0).round() as u8);
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}
