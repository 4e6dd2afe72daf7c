//! How many scenarios a second: all feature files against the reference and smoltcp, on one thread and on all, in this
//! process and through the device protocol.
//!
//! Linux in virtual time is measured where its kernel is built, with one feature file: a kernel for each scenario, and, to be
//! taken off, kernels that boot and end without one.
//!
//! `cargo bench -p wireproof --bench scenarios` prints, besides the time of a whole run, `elem/s`: scenarios per second.

#![allow(missing_docs, reason = "criterion's macros make public items")]

use std::hint::black_box;
use std::sync::Arc;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use wireproof::behaviour::{self, Config, DeviceFactory, Plan, features};
use wireproof::cli::run::{factory, profile};
use wireproof::device::adapter::{Adapters, CommandLine};

/// What cannot be loaded has nothing to be measured.
fn plan() -> Plan {
    let scenarios = features::load(&features::source::embedded()).unwrap_or_default();
    behaviour::prepare(scenarios).unwrap_or_default()
}

fn config(device: &str, jobs: Option<usize>) -> Option<Config> {
    made(device, factory(device).ok()?, jobs)
}

/// The same device in a process of its own.
fn through(device: &str, jobs: Option<usize>) -> Option<Config> {
    let command = format!("'{}' serve --device {device}", env!("CARGO_BIN_EXE_wireproof"));
    let adapters = Adapters::start(CommandLine::parse(&command).ok()?).ok()?;
    let capabilities = profile(device).ok()?.capabilities(adapters.description());
    made(device, Arc::new(move || Box::new(adapters.device(capabilities.clone()))), jobs)
}

fn made(device: &str, factory: DeviceFactory, jobs: Option<usize>) -> Option<Config> {
    Some(Config { jobs, ..Config::new(factory, profile(device).ok()?) })
}

fn running(criterion: &mut Criterion) {
    let plan = plan();
    let mut group = criterion.benchmark_group("scenarios");
    group.sample_size(10);
    group.throughput(Throughput::Elements(plan.len() as u64));
    for device in ["reference", "smoltcp"] {
        for (threads, jobs) in [("one thread", Some(1)), ("all threads", None)] {
            for (how, config) in [("", config(device, jobs)), (" by protocol", through(device, jobs))] {
                let Some(config) = config else { continue };
                group.bench_function(BenchmarkId::new(format!("{device}{how}"), threads), |bencher| {
                    bencher.iter(|| black_box(behaviour::run(&plan, &config)).len());
                });
            }
        }
    }
    group.finish();
}

/// The scenarios of one feature file.
#[cfg(target_os = "linux")]
fn plan_of(stem: &str) -> Plan {
    let mut sources = features::source::embedded();
    sources.retain(|source| source.stem == stem);
    features::load(&sources).ok().and_then(|scenarios| behaviour::prepare(scenarios).ok()).unwrap_or_default()
}

#[cfg(target_os = "linux")]
fn virtual_linux(criterion: &mut Criterion) {
    use wireproof::behaviour::{Stack, errand};
    use wireproof::device::built;
    use wireproof::device::linux_virtual::Guests;

    let (Ok(kernel), Ok(profile)) = (built::LINUX_VIRTUAL.program(), profile("linux-virtual")) else {
        return println!("Linux in virtual time is not measured: its kernel is not built");
    };
    let steady = kernel.with_file_name("steady.so");
    let guests = Arc::new(Guests::new(kernel, steady, env!("CARGO_BIN_EXE_wireproof").into()));
    let plan = plan_of("tcp/time_wait");
    let mut group = criterion.benchmark_group("linux-virtual");
    group.sample_size(10);
    group.bench_function("boot and end", |bencher| {
        bencher.iter(|| black_box(errand::describe(guests.as_ref(), &profile)).is_ok());
    });
    group.throughput(Throughput::Elements(plan.len() as u64));
    for (threads, jobs) in [("one at a time", Some(1)), ("as many as processors", None)] {
        let device = Stack::Elsewhere(guests.clone());
        let nowhere: DeviceFactory = Arc::new(|| unreachable!("its device is elsewhere"));
        let config = Config { jobs, device, ..Config::new(nowhere, profile.clone()) };
        group.bench_function(BenchmarkId::new("tcp/time_wait", threads), |bencher| {
            bencher.iter(|| black_box(behaviour::run(&plan, &config)).len());
        });
    }
    group.finish();
}

#[cfg(not(target_os = "linux"))]
fn virtual_linux(_: &mut Criterion) {}

fn loading(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("loading");
    group.sample_size(10);
    group.throughput(Throughput::Elements(plan().len() as u64));
    group.bench_function("read, check, make ready", |bencher| bencher.iter(|| black_box(plan()).len()));
    group.finish();
}

criterion_group!(benches, running, virtual_linux, loading);
criterion_main!(benches);
