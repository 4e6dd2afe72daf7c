//! Rules of urgent data: RFC 9293 3.8.5, RFC 6093.

use super::application::App;
use super::case::Look;
use super::findings::Findings;
use super::registry::RuleId;

/// Looks at a segment of an end that is judged and whose application's calls are known.
pub(super) fn observe(look: &Look<'_>, app: &App, out: &mut Findings) {
    let (s, frames) = (look.s, [look.s.number]);
    if !s.flags.urg() || !app.is_mapped || s.flags.rst() {
        return;
    }
    out.decide(RuleId::UrgentAsked, !app.urgent.is_empty(), look.place(&frames), || {
        ("urgent data".to_owned(), "none: the application sent none".to_owned())
    });
    let (Some(isn), false, true) = (look.own().isn(), app.urgent.is_empty(), app.is_known()) else { return };
    // MUST-62: behind the last urgent octet. An end too far away for the field is told later.
    let offset = s.seq.wrapping_add(u32::from(s.urgent)).wrapping_sub(isn.wrapping_add(1));
    let holds = app.urgent.contains(&u64::from(offset)) || s.urgent == u16::MAX;
    out.decide(RuleId::UrgentPointer, holds, look.place(&frames), || {
        let ends: Vec<String> = app.urgent.iter().map(u64::to_string).collect();
        (format!("urgent up to octet {offset} of the stream"), format!("octet {}", ends.join(" or ")))
    });
}
