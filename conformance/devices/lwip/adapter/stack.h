/* One lwIP with one Ethernet interface, on the harness's clock. It is made once in the life of a process. */
#ifndef WIREPROOF_STACK_H
#define WIREPROOF_STACK_H

#include "wireproof_adapter.h"

void stack_init(const wp_setup *setup);

/* A frame arrives. */
void stack_input(const uint8_t *octets, size_t length);

/* Lets the timers that are due run. When the next one is, in nanoseconds since the reset; WP_NEVER if there is none. */
uint64_t stack_run(void);

#endif
