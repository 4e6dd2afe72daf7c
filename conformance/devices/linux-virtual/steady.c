/* Goes before the C library of the process that is the guest's machine (LD_PRELOAD), and makes it the same machine each
 * time: its randomness follows from WIREPROOF_SEED, and its memory lies at the same addresses. The kernel asks for nothing
 * else that changes. And the machine never outlives the program that started it. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <unistd.h>

static uint64_t state;

/* SplitMix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014. */
static uint64_t next(void)
{
    uint64_t z = state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

ssize_t getrandom(void *to, size_t length, unsigned int flags)
{
    size_t at, piece;
    (void)flags;
    for (at = 0; at < length; at += piece) {
        uint64_t drawn = next();
        piece = length - at < sizeof(drawn) ? length - at : sizeof(drawn);
        memcpy((char *)to + at, &drawn, piece);
    }
    return (ssize_t)length;
}

__attribute__((constructor)) static void begin(int count, char **words, char **environment)
{
    const char *seed = getenv("WIREPROOF_SEED"), *parent = getenv("WIREPROOF_PARENT");
    int persona = personality(0xffffffff);
    (void)count;
    state = seed != NULL ? strtoull(seed, NULL, 16) : 0;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    /* It may have gone before. */
    if (parent != NULL && getppid() != (pid_t)atoi(parent)) {
        _exit(1);
    }
    /* How far the heap lies behind the program is memory to the guest, and how much it has is told to the tables that it
     * makes. Where the machine forbids this, runs are right, but not alike. */
    if (persona != -1 && !(persona & ADDR_NO_RANDOMIZE) && personality(persona | ADDR_NO_RANDOMIZE) != -1) {
        execve("/proc/self/exe", words, environment);
    }
}
