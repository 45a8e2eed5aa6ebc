/*
 * The least that answers STUN binding requests: one UDP socket, recvmmsg and sendmmsg, nothing else. It looks at no
 * attribute, counts nothing and limits nothing. What it reaches is what the kernel lets a program reach, and the mark
 * that the STUN server of Warren is measured against. Not for use.
 *
 *   stunmini ADDRESS PORT        an IPv4 address
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BATCH = 64, SLOT = 1600, HEADER = 20, ANSWER = 32 };

static uint8_t slots[BATCH][SLOT];
static struct sockaddr_in names[BATCH];
static struct iovec vectors[BATCH];
static struct mmsghdr received[BATCH], answers[BATCH];

/* Makes the request in place its answer: RFC 8489 sections 5 and 14.2. */
static int answer(uint8_t *m, int length, const struct sockaddr_in *from) {
    static const uint8_t cookie[4] = {0x21, 0x12, 0xa4, 0x42};
    if (length < HEADER || m[0] != 0 || m[1] != 1 || memcmp(m + 4, cookie, 4) != 0) return 0;
    const uint8_t *port = (const uint8_t *) &from->sin_port, *ip = (const uint8_t *) &from->sin_addr;
    const uint8_t rest[] = {0, 0x20, 0, 8, 0, 1, port[0] ^ 0x21, port[1] ^ 0x12,
                            ip[0] ^ 0x21, ip[1] ^ 0x12, ip[2] ^ 0xa4, ip[3] ^ 0x42};
    m[0] = 1;
    m[2] = 0;
    m[3] = sizeof rest;
    memcpy(m + HEADER, rest, sizeof rest);
    return 1;
}

int main(int argc, char **argv) {
    struct sockaddr_in at = {.sin_family = AF_INET};
    if (argc != 3 || inet_pton(AF_INET, argv[1], &at.sin_addr) != 1) {
        fprintf(stderr, "usage: stunmini IPV4-ADDRESS PORT\n");
        return 2;
    }
    at.sin_port = htons((uint16_t) atoi(argv[2]));
    int fd = socket(AF_INET, SOCK_DGRAM, 0), bytes = 4 << 20;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes);
    setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof bytes);
    if (bind(fd, (struct sockaddr *) &at, sizeof at) != 0) {
        perror("stunmini: bind");
        return 1;
    }
    for (int i = 0; i < BATCH; i++) {
        received[i].msg_hdr = (struct msghdr) {.msg_name = &names[i], .msg_iov = &vectors[i], .msg_iovlen = 1};
    }
    for (;;) {
        for (int i = 0; i < BATCH; i++) {
            vectors[i] = (struct iovec) {slots[i], SLOT};
            received[i].msg_hdr.msg_namelen = sizeof names[i];
        }
        int count = recvmmsg(fd, received, BATCH, MSG_WAITFORONE, NULL), made = 0;
        for (int i = 0; i < count; i++) {
            if (answer(slots[i], (int) received[i].msg_len, &names[i])) {
                vectors[i].iov_len = ANSWER;
                answers[made++] = received[i];
            }
        }
        for (int sent = 0, now; sent < made; sent += now) {
            now = sendmmsg(fd, answers + sent, (unsigned) (made - sent), 0);
            if (now <= 0) now = 1;
        }
    }
}
