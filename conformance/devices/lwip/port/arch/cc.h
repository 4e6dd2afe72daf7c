/* The compiler and platform of the adapter: any hosted C with 32-bit integers. Assertions end the process, so that one
 * that a segment can reach is reported as a crash, with the words of lwIP. */
#ifndef WIREPROOF_ARCH_CC_H
#define WIREPROOF_ARCH_CC_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* The C library has htons and its kin. */
#define LWIP_DONT_PROVIDE_BYTEORDER_FUNCTIONS

uint32_t wireproof_rand(void);
#define LWIP_RAND() wireproof_rand()

#define LWIP_PLATFORM_DIAG(message) ((void)0)
#define LWIP_PLATFORM_ASSERT(message)                                                          \
    do {                                                                                       \
        fprintf(stderr, "lwIP: assertion failed: %s (%s:%d)\n", message, __FILE__, __LINE__); \
        fflush(NULL);                                                                          \
        abort();                                                                               \
    } while (0)

#endif
