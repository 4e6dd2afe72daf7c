//! A segment or ICMP message: `<SEQ=100><CTL=SYN>`, element by element.

use core::str::FromStr;

use nom::Parser;
use nom::branch::alt;
use nom::bytes::complete::{tag, take_while, take_while1};
use nom::character::complete::{char, multispace0, multispace1};
use nom::combinator::{cut, opt, value as constant};
use nom::multi::separated_list1;
use nom::sequence::preceded;

use super::options::option;
use super::value::{Kind, value};
use super::{Expected, Found, comma, expecting, hex, name, number_up_to, quoted, stop, whole};
use crate::notation::error::CellError;
use crate::notation::segment::{
    Bits, Control, Data, Ecn, Flag, Icmp, IpFields, Message, Opt, OptName, Segment, Window,
};
use crate::notation::value::Value;

/// The most elements that a cell may hold; a header has room for 40 options of one octet each.
const MAX_ELEMENTS: usize = 128;

/// The most octets of options, of TCP and of IPv4 alike: 15 words less the 5 of the header itself.
const MAX_OPTIONS: usize = 40;

/// The most octets that a segment can carry: all that an IPv6 header can tell, less a TCP header.
const MAX_DATA: u32 = 65_535 - 20;

/// The largest window: 16 bits, shifted by 14 (RFC 7323 2.3).
const MAX_WINDOW: u32 = 0xffff << 14;

/// What may stand between `<` and `>`.
const ELEMENT: &str = "an element: SEQ= ACK= CTL= DATA= WND= WIN= URP=, an option (MSS= WS= SACKOK SACK= TS= NOP \
                       EOL UTO= TFO= MD5 AO OPT=), `no` and an option's name, SUM=bad OFF= RES= IPLEN=, TTL= \
                       DSCP= ECN= ID= DF IPOPT=, or ICMP= MTU= QUOTE=";

/// What an ICMP message may hold besides.
const ICMP_ELEMENT: &str =
    "an element of an ICMP message: ICMP= MTU= QUOTE= SUM=bad IPLEN= TTL= DSCP= ECN= ID= DF IPOPT=";

/// One element as read, before it takes its place.
#[derive(Clone)]
pub(super) enum Element {
    Seq(Value),
    Ack(Value),
    Control(Control),
    Window(Window),
    Urgent(Value),
    Data(Data),
    Option(Opt),
    Absent(OptName),
    BadChecksum,
    Offset(Value),
    Reserved(Value),
    Ip(IpElement),
    Icmp(u8, Value),
    Mtu(Value),
    Quote(String),
}

/// An element of the IP header.
#[derive(Clone)]
pub(super) enum IpElement {
    Ttl(Value),
    Dscp(Value),
    Ecn(Ecn),
    Id(Value),
    Df(Flag),
    Options(Vec<u8>),
    Length(Value),
}

/// An element with the place where it begins.
type Placed<'a> = (&'a str, Element);

/// All elements of a cell, as a segment or, if there is `ICMP=`, as an ICMP message.
pub(super) fn message(input: &str) -> Found<'_, Message> {
    let (mut rest, first) = element(input)?;
    let mut elements = vec![(input, first)];
    loop {
        let (next, _) = multispace0::<_, Expected<'_>>.parse(rest)?;
        if !next.starts_with('<') {
            break;
        }
        if elements.len() == MAX_ELEMENTS {
            return stop(next, format!("at most {MAX_ELEMENTS} elements"));
        }
        let (after, element) = element(next)?;
        elements.push((next, element));
        rest = after;
    }
    let icmp = elements.iter().find_map(|(_, element)| match element {
        Element::Icmp(kind, code) => Some((*kind, code.clone())),
        _ => None,
    });
    let message = match icmp {
        Some((kind, code)) => icmp_message(kind, code, elements)?,
        None => segment(elements)?,
    };
    Ok((rest, message))
}

/// `<...>`
fn element(input: &str) -> Found<'_, Element> {
    let (inner, _) = expecting("a segment such as `<SEQ=100><CTL=SYN>`", char('<')).parse(input)?;
    let (rest, element) = cut(inside).parse(inner)?;
    let (rest, _) = cut(expecting("`>`", char('>'))).parse(rest)?;
    Ok((rest, element))
}

/// What stands between `<` and `>`.
fn inside(input: &str) -> Found<'_, Element> {
    if let Ok((rest, _)) = (tag::<_, _, Expected<'_>>("no"), multispace1).parse(input) {
        return cut(absent).parse(rest);
    }
    let word = expecting(ELEMENT, take_while1(|c: char| c.is_ascii_alphanumeric()));
    let (rest, word) = cut(word).parse(input)?;
    let (rest, equals) = opt(char('=')).parse(rest)?;
    let found = match equals {
        Some(_) => with_value(word, rest),
        None => alone(word, rest),
    };
    match found {
        Err(nom::Err::Error(error)) if error.what.is_empty() => stop(input, ELEMENT),
        found => found,
    }
}

/// `no TS`, `no DF`
fn absent(input: &str) -> Found<'_, Element> {
    let (rest, word) = take_while1(|c: char| c.is_ascii_alphanumeric()).parse(input)?;
    if word == "DF" {
        return Ok((rest, Element::Ip(IpElement::Df(Flag::Absent))));
    }
    match OptName::ALL.into_iter().find(|name| name.text() == word) {
        Some(name) => Ok((rest, Element::Absent(name))),
        None => stop(input, "MSS WS SACKOK SACK TS NOP EOL UTO TFO MD5 AO or DF"),
    }
}

/// Elements that are just a word.
fn alone<'a>(word: &str, rest: &'a str) -> Found<'a, Element> {
    match word {
        "DF" => Ok((rest, Element::Ip(IpElement::Df(Flag::Present)))),
        _ => option(word, None, rest).map(|(rest, option)| (rest, Element::Option(option))),
    }
}

/// Elements with `=`; `rest` begins behind it.
fn with_value<'a>(word: &str, rest: &'a str) -> Found<'a, Element> {
    let field = |max, element: fn(Value) -> Element| value(Kind::Field(max)).map(element).parse(rest);
    let ip = |max, element: fn(Value) -> IpElement| {
        value(Kind::Field(max)).map(|value| Element::Ip(element(value))).parse(rest)
    };
    match word {
        "SEQ" => value(Kind::Sequence).map(Element::Seq).parse(rest),
        "ACK" => value(Kind::Sequence).map(Element::Ack).parse(rest),
        "CTL" => control.map(Element::Control).parse(rest),
        "WND" => field(0xffff, |value| Element::Window(Window::Field(value))),
        "WIN" => field(MAX_WINDOW, |value| Element::Window(Window::Octets(value))),
        "URP" => field(0xffff, Element::Urgent),
        "DATA" => data.map(Element::Data).parse(rest),
        "SUM" => expecting("`bad`", tag("bad")).map(|_| Element::BadChecksum).parse(rest),
        "OFF" => field(0xf, Element::Offset),
        "RES" => field(0x7, Element::Reserved),
        "IPLEN" => ip(0xffff, IpElement::Length),
        "TTL" => ip(0xff, IpElement::Ttl),
        "DSCP" => ip(0x3f, IpElement::Dscp),
        "ECN" => ecn.map(|ecn| Element::Ip(IpElement::Ecn(ecn))).parse(rest),
        "ID" => ip(0xffff, IpElement::Id),
        "IPOPT" => ip_options.map(|octets| Element::Ip(IpElement::Options(octets))).parse(rest),
        "ICMP" => icmp_type.map(|(kind, code)| Element::Icmp(kind, code)).parse(rest),
        "MTU" => field(u32::MAX, Element::Mtu),
        "QUOTE" => name.map(|label: &str| Element::Quote(label.into())).parse(rest),
        _ => option(word, Some('='), rest).map(|(rest, option)| (rest, Element::Option(option))),
    }
}

/// Octets in hexadecimal, at least one.
pub(super) fn some_hex(input: &str) -> Found<'_, Vec<u8>> {
    let (rest, octets) = hex(input)?;
    if octets.is_empty() { stop(input, "octets in hexadecimal") } else { Ok((rest, octets)) }
}

/// The options of an IPv4 header (RFC 791 3.1).
fn ip_options(input: &str) -> Found<'_, Vec<u8>> {
    let (rest, octets) = some_hex(input)?;
    if octets.len() > MAX_OPTIONS {
        return stop(input, format!("at most {MAX_OPTIONS} octets of options; these are {}", octets.len()));
    }
    Ok((rest, octets))
}

/// `SYN,ACK`, `RST,?ACK`, `ACK,!PSH`, or nothing.
fn control(input: &str) -> Found<'_, Control> {
    let mut control = Control::default();
    if input.starts_with('>') {
        return Ok((input, control));
    }
    let (rest, bits) = separated_list1(comma, bit).parse(input)?;
    for (place, mark, bit) in bits {
        let written = control.present.with(control.absent).with(control.optional);
        if written.contains(bit) {
            return stop(place, "each control bit once");
        }
        let set = match mark {
            Some('!') => &mut control.absent,
            Some(_) => &mut control.optional,
            None => &mut control.present,
        };
        *set = set.with(bit);
    }
    Ok((rest, control))
}

/// One control bit, with `!` or `?` before it or without.
fn bit(input: &str) -> Found<'_, (&str, Option<char>, Bits)> {
    let (rest, mark) = opt(alt((char('!'), char('?')))).parse(input)?;
    let (after, word) = take_while(|c: char| c.is_ascii_alphanumeric()).parse(rest)?;
    match Bits::NAMES.into_iter().find(|(_, name)| *name == word) {
        Some((bit, _)) => Ok((after, (input, mark, bit))),
        None => stop(
            rest,
            "a control bit: SYN ACK FIN RST PSH URG ECE CWR AE, with `!` for absent or `?` for perhaps before it",
        ),
    }
}

/// `20`, `0..1`, `"GET"`
fn data(input: &str) -> Found<'_, Data> {
    if input.starts_with('"') {
        return quoted.map(Data::Literal).parse(input);
    }
    value(Kind::Field(MAX_DATA)).map(Data::Count).parse(input)
}

/// `CE`, `ECT0`, `ECT1`, `Not-ECT`
fn ecn(input: &str) -> Found<'_, Ecn> {
    expecting(
        "CE, ECT0, ECT1 or Not-ECT",
        alt((
            constant(Ecn::Ce, tag("CE")),
            constant(Ecn::Ect0, tag("ECT0")),
            constant(Ecn::Ect1, tag("ECT1")),
            constant(Ecn::NotEct, tag("Not-ECT")),
        )),
    )
    .parse(input)
}

/// `3/4`
fn icmp_type(input: &str) -> Found<'_, (u8, Value)> {
    let (rest, kind) = number_up_to(0xff).parse(input)?;
    let slash = expecting("`/` and a code", char('/'));
    let (rest, code) = preceded(slash, value(Kind::Field(0xff))).parse(rest)?;
    Ok((rest, (u8::try_from(kind).unwrap_or(u8::MAX), code)))
}

/// The elements as a TCP segment.
fn segment(elements: Vec<Placed<'_>>) -> Result<Message, nom::Err<Expected<'_>>> {
    let mut segment = Segment::default();
    for (place, element) in elements {
        match element {
            Element::Seq(value) => put(&mut segment.seq, value, place)?,
            Element::Ack(value) => put(&mut segment.ack, value, place)?,
            Element::Control(control) => put(&mut segment.control, control, place)?,
            Element::Window(window) => put(&mut segment.window, window, place)?,
            Element::Urgent(value) => put(&mut segment.urgent, value, place)?,
            Element::Data(data) => put(&mut segment.data, data, place)?,
            Element::Option(option) => {
                segment.options.push(option);
                options_fit(&segment, place)?;
            }
            Element::Absent(name) if segment.absent.contains(&name) => return Err(twice(place)),
            Element::Absent(name) => segment.absent.push(name),
            Element::BadChecksum => segment.bad_checksum = true,
            Element::Offset(value) => put(&mut segment.offset, value, place)?,
            Element::Reserved(value) => put(&mut segment.reserved, value, place)?,
            Element::Ip(element) => ip_element(&mut segment.ip, element, place)?,
            Element::Icmp(..) | Element::Mtu(_) | Element::Quote(_) => {
                return Err(failure(place, "ICMP= in a cell with MTU= or QUOTE="));
            }
        }
        let contradiction =
            segment.options.iter().filter_map(Opt::name).find(|name| segment.absent.contains(name));
        if let Some(name) = contradiction {
            return Err(failure(place, format!("{0} or `no {0}`, not both", name.text())));
        }
    }
    segment.absent.sort_unstable();
    Ok(Message::Tcp(Box::new(segment)))
}

/// A header has room for 40 octets of options (RFC 9293 3.1: the data offset counts up to 15 words).
fn options_fit<'a>(segment: &Segment, place: &'a str) -> Result<(), nom::Err<Expected<'a>>> {
    let octets: usize = segment.options.iter().map(Opt::least_len).sum();
    if octets > MAX_OPTIONS {
        let what = format!("at most {MAX_OPTIONS} octets of options; with this one they are {octets}");
        return Err(failure(place, what));
    }
    Ok(())
}

/// The elements as an ICMP message.
fn icmp_message(kind: u8, code: Value, elements: Vec<Placed<'_>>) -> Result<Message, nom::Err<Expected<'_>>> {
    let empty = IpFields::default();
    let mut icmp = Icmp { kind, code, mtu: None, quote: None, bad_checksum: false, ip: empty };
    let mut seen = false;
    for (place, element) in elements {
        match element {
            Element::Icmp(..) if seen => return Err(twice(place)),
            Element::Icmp(..) => seen = true,
            Element::Mtu(value) => put(&mut icmp.mtu, value, place)?,
            Element::Quote(label) => put(&mut icmp.quote, label, place)?,
            Element::BadChecksum => icmp.bad_checksum = true,
            Element::Ip(element) => ip_element(&mut icmp.ip, element, place)?,
            Element::Seq(_)
            | Element::Ack(_)
            | Element::Control(_)
            | Element::Window(_)
            | Element::Urgent(_)
            | Element::Data(_)
            | Element::Option(_)
            | Element::Absent(_)
            | Element::Offset(_)
            | Element::Reserved(_) => return Err(failure(place, ICMP_ELEMENT)),
        }
    }
    Ok(Message::Icmp(Box::new(icmp)))
}

/// An element of the IP header takes its place.
fn ip_element<'a>(
    ip: &mut IpFields,
    element: IpElement,
    place: &'a str,
) -> Result<(), nom::Err<Expected<'a>>> {
    match element {
        IpElement::Ttl(value) => put(&mut ip.ttl, value, place),
        IpElement::Dscp(value) => put(&mut ip.dscp, value, place),
        IpElement::Ecn(ecn) => put(&mut ip.ecn, ecn, place),
        IpElement::Id(value) => put(&mut ip.id, value, place),
        IpElement::Df(flag) => put(&mut ip.df, flag, place),
        IpElement::Options(octets) => put(&mut ip.options, octets, place),
        IpElement::Length(value) => put(&mut ip.length, value, place),
    }
}

/// Takes its place, if that is still free.
fn put<'a, T>(field: &mut Option<T>, content: T, place: &'a str) -> Result<(), nom::Err<Expected<'a>>> {
    if field.is_some() {
        return Err(twice(place));
    }
    *field = Some(content);
    Ok(())
}

/// The element at `place` was there already.
fn twice(place: &str) -> nom::Err<Expected<'_>> {
    failure(place, "each element once (WND and WIN say the same)")
}

/// `what` should stand at `place`.
fn failure(place: &str, what: impl Into<std::borrow::Cow<'static, str>>) -> nom::Err<Expected<'_>> {
    nom::Err::Failure(Expected { rest: place, what: what.into() })
}

impl FromStr for Message {
    type Err = CellError;

    /// Reads a whole cell.
    fn from_str(text: &str) -> Result<Self, CellError> {
        whole(text, message)
    }
}

impl FromStr for Segment {
    type Err = CellError;

    /// Reads a whole cell that holds a TCP segment.
    fn from_str(text: &str) -> Result<Self, CellError> {
        match text.parse()? {
            Message::Tcp(segment) => Ok(*segment),
            Message::Icmp(_) => Err(CellError::whole(text, "a TCP segment")),
        }
    }
}
