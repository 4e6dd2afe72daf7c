/* Wireproof's adapter for lwIP: the device protocol, version 1, on standard input and output.
 *
 * lwIP keeps its state in globals and cannot forget. So the process that greets never starts lwIP: each reset makes it
 * fork a child with a fresh one, which goes on with the conversation until the next reset.
 *
 *     parent   greets   reset: forks, waits ................................... forks, waits ......
 *     child                    starts lwIP, answers   reset: hands it over, ends
 *     child                                                                     starts lwIP, ...
 *
 * What was read and not yet served lies in memory that all share, so nothing is lost between them. A child that ends in
 * any other way ends the parent in the same way: the harness sees lwIP crash. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "lwip/init.h"
#include "lwip/priv/tcp_priv.h"

static int next_octet(void);
#define WP_GETC() next_octet()
#define WIREPROOF_ADAPTER_IMPLEMENTATION
#include "wireproof_adapter.h"

#include "sockets.h"
#include "stack.h"

struct shared {
    int wants_reset; /* the child ended for this, and `setup` says how */
    wp_setup setup;
    size_t start, end; /* octets[start..end] were read and are not yet served */
    uint8_t octets[1 << 16];
};

static struct shared *shared;
static int is_child;

static void fail(const char *what)
{
    perror(what);
    _exit(EXIT_FAILURE);
}

static int next_octet(void)
{
    if (shared->start == shared->end) {
        ssize_t count;
        do {
            count = read(STDIN_FILENO, shared->octets, sizeof(shared->octets));
        } while (count < 0 && errno == EINTR);
        if (count <= 0) {
            return EOF;
        }
        shared->start = 0;
        shared->end = (size_t)count;
    }
    return shared->octets[shared->start++];
}

/* Ends as the child did; its core, if any, is the one to look at. */
static void end_as(int status)
{
    if (WIFSIGNALED(status)) {
        struct rlimit none = {0, 0};
        setrlimit(RLIMIT_CORE, &none);
        signal(WTERMSIG(status), SIG_DFL);
        raise(WTERMSIG(status));
    }
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE);
}

/* In the parent: forks a child, returns in it, and goes on for as long as children end because they were reset. */
static void start_child(void)
{
    for (;;) {
        int status;
        pid_t parent = getpid(), child = fork();
        if (child < 0) {
            fail("fork");
        }
        if (child == 0) {
#ifdef __linux__
            prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
            if (getppid() != parent) {
                _exit(EXIT_FAILURE);
            }
            return;
        }
        while (waitpid(child, &status, 0) < 0) {
            if (errno != EINTR) {
                fail("waitpid");
            }
        }
        if (!shared->wants_reset) {
            end_as(status);
        }
        shared->wants_reset = 0;
    }
}

static void handle_reset(void *user, const wp_setup *setup)
{
    (void)user;
    shared->setup = *setup;
    if (is_child) {
        shared->wants_reset = 1;
        _exit(EXIT_SUCCESS);
    }
    start_child();
    is_child = 1;
    stack_init(&shared->setup);
}

/* lwIP without threads takes a frame as its driver finds it; the application has its turn when all are in. */
static void handle_frame(void *user, const uint8_t *octets, size_t length)
{
    (void)user;
    stack_input(octets, length);
}

static wp_later handle_call(void *user, const wp_call *call)
{
    (void)user;
    return make_call(call);
}

static uint64_t handle_run(void *user, uint64_t now)
{
    uint64_t wake = stack_run();
    (void)user;
    (void)now;
    sweep_sockets();
    return wake;
}

int main(void)
{
    static const char capabilities[] =
        "ipv4 ipv6 listen backlog accept connect send fill recv shutdown:write shutdown:read shutdown:both close abort state"
        " children udp errors clock iss"
        " option:nodelay option:keepalive option:keepidle option:keepinterval option:keepcount";
    char properties[256];
    const wp_device device = {"lwip",       LWIP_VERSION_STRING, capabilities, properties,
                              handle_reset, handle_frame,        handle_call,  handle_run};
    unsigned long long nanos = 1000000;
    /* Retransmission, TIME-WAIT and keep-alive count half seconds, delayed acknowledgments quarters. */
    snprintf(properties, sizeof(properties), "granularity %llu timewait %llu ackdelay %llu", TCP_SLOW_INTERVAL * nanos,
             2 * TCP_MSL * nanos, TCP_FAST_INTERVAL * nanos);
    shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) {
        fail("mmap");
    }
    return wp_serve(&device, NULL);
}
