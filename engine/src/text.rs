//! Modules in the text format, where the feature `wat` is on.

use crate::Result;
use std::borrow::Cow;

/// The binary form of a module given in either format.
#[cfg(feature = "wat")]
pub(crate) fn to_binary(bytes: &[u8]) -> Result<Cow<'_, [u8]>> {
    Ok(wat::parse_bytes(bytes)?)
}

/// The bytes as they are.
#[cfg(not(feature = "wat"))]
pub(crate) fn to_binary(bytes: &[u8]) -> Result<Cow<'_, [u8]>> {
    Ok(Cow::Borrowed(bytes))
}
