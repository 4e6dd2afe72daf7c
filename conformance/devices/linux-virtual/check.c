/* The init of a guest that build.sh boots: is it Linux with TCP/IP and a TAP device, and does time jump? Says so in the file
 * that it is given, on the host, with a number that it draws, and switches the guest off. */
#include <fcntl.h>
#include <net/if.h>
#include <linux/if_tun.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/random.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

static const char *check(void)
{
    struct timespec before, after, nap = {3600, 0};
    struct ifreq request;
    int tap;
    if (socket(AF_INET, SOCK_STREAM, 0) < 0 || socket(AF_INET6, SOCK_STREAM, 0) < 0) {
        return "no TCP";
    }
    memset(&request, 0, sizeof(request));
    request.ifr_flags = IFF_TAP | IFF_NO_PI;
    tap = open("/dev/net/tun", O_RDWR);
    if (tap < 0 || ioctl(tap, TUNSETIFF, &request) < 0) {
        return "no TAP device";
    }
    clock_gettime(CLOCK_MONOTONIC, &before);
    nanosleep(&nap, NULL);
    clock_gettime(CLOCK_MONOTONIC, &after);
    return after.tv_sec - before.tv_sec >= nap.tv_sec ? "good" : "an hour's sleep took less";
}

int main(int count, char **words)
{
    struct utsname name;
    unsigned drawn = 0;
    FILE *out = count > 1 ? fopen(words[1], "w") : NULL;
    mount("proc", "/proc", "proc", 0, "");
    uname(&name);
    if (out != NULL) {
        getrandom(&drawn, sizeof(drawn), 0);
        fprintf(out, "%s %s %s %08x\n", check(), name.sysname, name.release, drawn);
        fclose(out);
    }
    sync();
    reboot(RB_POWER_OFF);
    return 0;
}
