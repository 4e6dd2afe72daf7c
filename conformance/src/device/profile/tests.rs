use super::*;
use crate::behaviour::features;
use crate::device::{OptionName, Properties};

fn description() -> Description {
    Description {
        name: "lwip".to_owned(),
        version: "2.2.1".to_owned(),
        capabilities: Capabilities::from_iter([Capability::Ipv4, Capability::State]),
        properties: Properties::default(),
    }
}

fn refused(source: &str) -> String {
    Profile::parse("my.toml", source).unwrap_err().to_string()
}

const DEVIATION: &str = r#"
device = "lwip"
[[deviation]]
scenario = "tcp/reset/a-*"
row = "<-- | <SEQ=301><ACK=*><CTL=ACK>"
got = "nothing"
clause = "rfc9293-3.10.7.4"
reason = "it does not challenge"
"#;

#[test]
fn the_embedded_profiles_are_well_formed_and_name_their_devices() {
    for (name, file, text) in EMBEDDED {
        let profile = Profile::parse(file, text).unwrap_or_else(|problem| panic!("{problem}"));
        assert_eq!(profile.device, name);
        assert_eq!(Profile::embedded(name), Some(profile));
    }
    assert_eq!(Profile::embedded("teleport"), None);
}

#[test]
fn the_embedded_profile_of_smoltcp_agrees_with_what_the_device_says() {
    let device = crate::device::smoltcp::Smoltcp::default();
    let description = crate::device::Device::description(&device);
    let timing = Profile::embedded("smoltcp").unwrap().timing(description);
    assert_eq!(Some(timing.msl * 2), description.properties.timewait());
    assert_eq!(Some(timing.ack_delay), description.properties.ackdelay());
    assert_eq!(Some(timing.rto), description.properties.rtomin());
}

#[test]
fn a_profile_says_more_than_its_base_and_otherwise() {
    let base = format!("{DEVIATION}\n[timing]\nRTO = \"3 s\"\nMSL = \"1 s\"\n");
    let base = Profile::parse("base.toml", &base).unwrap();
    let own = r#"
device = "other"
[timing]
MSL = "7 s"
[sysctl]
"net.ipv4.tcp_sack" = "0"
[[deviation]]
scenario = "tcp/other/*"
row = "*"
got = "nothing"
clause = "rfc9293-3.10.7.4"
reason = "of its own"
"#;
    let own = Profile::parse("own.toml", own).unwrap();
    let both = own.clone().upon(base.clone());
    assert_eq!(both.device, "other");
    assert_eq!((both.timing.msl, both.timing.rto), (own.timing.msl, base.timing.rto));
    assert!(base.timing.rto.is_some(), "the base says something of its own");
    assert_eq!(both.deviations.len(), base.deviations.len() + 1);
    assert_eq!(both.deviations[0].reason, "of its own");
    assert_eq!(both.broken_rules, base.broken_rules);
    let twice = both
        .clone()
        .upon(Profile { sysctls: vec![("net.ipv4.tcp_sack".to_owned(), "1".to_owned())], ..base });
    assert_eq!(twice.sysctls, [("net.ipv4.tcp_sack".to_owned(), "0".to_owned())]);
}

#[test]
fn a_base_that_is_not_built_in_is_told_with_those_that_are() {
    let problem =
        Profile::parse("own.toml", "device = \"x\"\nbase = \"teleport\"\n").unwrap_err().to_string();
    assert!(
        problem.contains("teleport") && problem.contains("linux") && problem.contains("own.toml:2"),
        "{problem}"
    );
}

#[test]
fn every_known_deviation_is_of_a_scenario_that_there_is() {
    let scenarios = features::load(&features::source::embedded()).unwrap();
    for (name, ..) in EMBEDDED {
        for known in Profile::embedded(name).unwrap().deviations() {
            let is_there = scenarios.iter().any(|scenario| known.is_of(&scenario.id));
            assert!(is_there, "{name}: there is no scenario {}", known.scenario);
        }
        for known in Profile::embedded(name).unwrap().broken_rules() {
            let Some(glob) = &known.scenario else { continue };
            let is_there = scenarios.iter().any(|scenario| is_of_scenario(glob, &scenario.id));
            assert!(is_there, "{name}: there is no scenario {glob}");
        }
    }
}

#[test]
fn a_device_without_a_profile_is_taken_at_its_word_and_at_the_rfcs() {
    let mut description = description();
    let timing = Profile::default().timing(&description);
    assert_eq!((timing.rto, timing.ack_delay), (Duration::from_secs(1), Duration::from_millis(500)));
    assert_eq!((timing.msl, timing.r2), (Duration::from_secs(120), Duration::from_secs(100)));
    description.properties.set("timewait", Duration::from_secs(60));
    description.properties.set("rtomin", Duration::from_millis(200));
    description.properties.set("ackdelay", Duration::from_millis(250));
    let timing = Profile::default().timing(&description);
    assert_eq!((timing.msl, timing.ack_delay), (Duration::from_secs(30), Duration::from_millis(250)));
    assert_eq!(timing.rto, Duration::from_secs(1), "a floor below the first RTO says nothing about it");
}

#[test]
fn the_profile_has_the_last_word_on_times_and_capabilities() {
    let profile = Profile::parse(
        "my.toml",
        "device = 'lwip'\n[capabilities]\nadd = ['option:nodelay']\nremove = ['state']\n[timing]\nRTO = '3 s'\nSYN-RTO = '4 s'\n\
         ACK-DELAY = '100 ms'\nMSL = '0.5 s'\nR2 = '5 s'\ngranularity = '10 ms'\ntolerance-permille = 50\nat-once = '1 ms'\n",
    )
    .unwrap();
    let capabilities = profile.capabilities(&description());
    let expected = [Capability::Ipv4, Capability::Option(OptionName::Nodelay)];
    assert_eq!(capabilities.iter().collect::<Vec<_>>(), expected);
    let ms = Duration::from_millis;
    let expected = Timing {
        rto: ms(3_000),
        syn_rto: ms(4_000),
        ack_delay: ms(100),
        msl: ms(500),
        r2: ms(5_000),
        granularity: ms(10),
        tolerance_permille: 50,
        at_once: ms(1),
    };
    assert_eq!(profile.timing(&description()), expected);
}

#[test]
fn the_time_out_of_a_syn_is_that_of_data_unless_the_profile_says_another() {
    let timing =
        Profile::parse("my.toml", "device = 'x'\n[timing]\nRTO = '2 s'").unwrap().timing(&description());
    assert_eq!(timing.syn_rto, Duration::from_secs(2));
}

#[test]
fn sysctls_are_those_of_a_network_namespace() {
    let profile =
        |name: &str| Profile::parse("my.toml", &format!("device = 'x'\n[sysctl]\n'{name}' = '0'\n"));
    let known = profile("net.ipv4.tcp_sack").unwrap();
    assert_eq!(known.sysctls(), [("net.ipv4.tcp_sack".to_owned(), "0".to_owned())]);
    for name in ["kernel.panic", "net", "net..x", "net.ipv4/../../x", "net.ipv4.tcp sack"] {
        let problem = profile(name).unwrap_err();
        assert!(problem.to_string().contains("a name such as `net.ipv4.tcp_sack`"), "{problem}");
    }
}

#[test]
fn a_known_deviation_is_known_by_scenario_row_and_what_was_got() {
    let profile = Profile::parse("my.toml", DEVIATION).unwrap();
    let row = "|      | <-- | <SEQ=301><ACK=101><CTL=ACK> |";
    let known = |scenario: &str, row: &str, got: &str| profile.known(scenario, row, got).is_some();
    assert!(known("tcp/reset/a-reset/ipv4", row, ""));
    assert!(known("tcp/reset/a-reset#2/ipv6", row, "nothing"));
    assert!(!known("tcp/reset/the-reset/ipv4", row, ""));
    assert!(!known("tcp/reset/a-reset/ipv4", "<-- <SEQ=302><ACK=101><CTL=ACK>", ""));
    assert!(!known("tcp/reset/a-reset/ipv4", row, "<SEQ=301><CTL=RST>"));
    assert_eq!(
        profile.expected("tcp/reset/a-b/ipv6").map(|known| known.reason.as_str()),
        Some("it does not challenge")
    );
    assert_eq!(profile.expected("tcp/handshake/a-b/ipv6"), None);
}

const RULE: &str = r#"
device = "lwip"
[[broken-rule]]
rule = "old-answered"
clause = "rfc9293-3.10.7.4"
reason = "it does not look"
"#;

#[test]
fn a_rule_is_known_in_its_scenarios_or_everywhere() {
    let everywhere = Profile::parse("my.toml", RULE).unwrap();
    let known = |profile: &Profile, scenario: &str, rule: &str| profile.known_rule(scenario, rule).is_some();
    assert!(known(&everywhere, "tcp/a/ipv4", "old-answered") && !known(&everywhere, "tcp/a/ipv4", "nagle"));
    assert_eq!(everywhere.expected_rules("tcp/a/ipv4").count(), 0);
    let there = Profile::parse("my.toml", &format!("{RULE}scenario = 'tcp/a#*'")).unwrap();
    assert!(known(&there, "tcp/a#2/ipv4", "old-answered") && !known(&there, "tcp/b/ipv4", "old-answered"));
    assert_eq!((there.expected_rules("tcp/a#2/ipv6").count(), there.expected_rules("tcp/b").count()), (1, 0));
}

#[test]
fn a_rule_that_is_none_or_is_not_demanded_by_the_clause_is_refused() {
    let text = refused(&RULE.replace("old-answered", "old-ansered"));
    assert!(
        text.contains("`old-ansered` is no rule of the judge") && text.contains("--> my.toml:4:8"),
        "{text}"
    );
    let text = refused(&RULE.replace("3.10.7.4", "3.5"));
    assert!(
        text.contains("does not demand `old-answered`") && text.contains("one of rfc9293-3.10.7.4"),
        "{text}"
    );
    let text = refused(&RULE.replace("it does not look", ""));
    assert!(text.contains("a deviation without a reason"), "{text}");
}

#[test]
fn a_glob_holds_from_end_to_end_and_each_star_stands_for_any_text() {
    for (glob, text, holds) in [
        ("", "", true),
        ("a", "a", true),
        ("a", "ab", false),
        ("a*", "a", true),
        ("*a", "ba", true),
        ("a*a", "a", false),
        ("a*b*c", "a-b-b-c", true),
        ("a*b*c", "a-c-b", false),
        ("*", "anything", true),
        ("**", "", true),
    ] {
        assert_eq!(matches(glob, text), holds, "{glob} on {text}");
    }
}

#[test]
fn an_unknown_key_is_refused_where_it_stands() {
    let text = refused("device = \"lwip\"\n[timing]\nRTO = \"1 s\"\nSRTT = \"1 s\"\n");
    assert!(text.contains("--> my.toml:4:1"), "{text}");
    assert!(text.contains("unknown field `SRTT`") && text.contains("`ACK-DELAY`"), "{text}");
    assert!(refused("colour = 1\n").contains("--> my.toml:1:1"));
}

#[test]
fn a_file_that_is_not_there_is_told() {
    let problem = Profile::load(Path::new("/no/such.toml")).unwrap_err().to_string();
    assert!(problem.starts_with("cannot read /no/such.toml: "), "{problem}");
}

#[test]
fn what_is_no_toml_is_refused_where_it_ends() {
    assert!(refused("device = \n").contains("--> my.toml:1:"), "{}", refused("device = \n"));
}

#[test]
fn values_that_cannot_be_are_refused_where_they_stand() {
    let text = refused("device = \"lwip\"\n[timing]\n  MSL = \"RTO\"\n");
    assert!(text.contains("`RTO` is no time") && text.contains("--> my.toml:3:9"), "{text}");
    assert!(text.contains("= expected: a time such as `1 s` or `200 ms`"), "{text}");
    let text = refused("device = \"lwip\"\ncapabilities.remove = [\"state\", \"teleport\"]\n");
    assert!(text.contains("`teleport` is no capability") && text.contains("--> my.toml:2:33"), "{text}");
    let text = refused(&DEVIATION.replace("3.10.7.4", "3.99"));
    assert!(text.contains("no section 3.99") && text.contains("--> my.toml:7:10"), "{text}");
    let text = refused(&DEVIATION.replace("it does not challenge", " "));
    assert!(text.contains("a deviation without a reason") && text.contains("--> my.toml:8:10"), "{text}");
    let text = refused(&DEVIATION.replace("got =", "#"));
    assert!(text.contains("missing field `got`") && text.contains("--> my.toml:3:1"), "{text}");
}

proptest::proptest! {
    #[test]
    fn no_profile_panics(
        text in "((device|add|RTO|scenario|row) = |\\[timing\\]\n|\\[\\[deviation\\]\\]\n|\"|'|\n|1 s|\\PC){0,20}"
    ) {
        if let Err(problem) = Profile::parse("my.toml", &text) {
            proptest::prop_assert!(problem.to_string().contains("my.toml:"));
        }
    }

    #[test]
    fn a_glob_without_stars_holds_for_itself_alone_and_stars_for_more(text in "[a-c/]{0,8}", other in "[a-c/]{0,8}") {
        proptest::prop_assert_eq!(matches(&text, &other), text == other);
        let (open, more) = (format!("{text}*"), format!("{text}{other}"));
        proptest::prop_assert!(matches(&open, &more));
        let surrounded = format!("*{text}*");
        let longer = format!("{other}{text}{other}");
        proptest::prop_assert!(matches(&surrounded, &longer));
    }
}
