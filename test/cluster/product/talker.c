/*
 * talker: talks to a listener out on the Internet from its first moment, and never stops.
 *   talker ADDRESS UDP-PORT TCP-PORT, with NAMESPACE in the environment
 * It sends datagrams; it opens one TCP connection and keeps it (stream); and it opens another one again and again (knock).
 * Each message is a line: the namespace, when it started in microseconds, and which of the three. No socket ever blocks, so
 * silence holds nothing up. How many datagrams it has tried to send it prints every second.
 */
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* The first seconds decide, so that is when it talks often. */
#define EAGER_MS 5000
#define EAGER_PAUSE_MS 10
#define PAUSE_MS 100
#define KNOCK_MS 250

static long long now_us(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

static struct sockaddr_in address_of(const char *host, const char *port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(port))};
  if (inet_pton(AF_INET, host, &address.sin_addr) != 1) {
    fprintf(stderr, "talker: %s is no address\n", host);
    exit(2);
  }
  return address;
}

static int dial(const struct sockaddr_in *to) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  connect(fd, (const struct sockaddr *)to, sizeof *to);
  return fd;
}

/* Fails while a connection is not open, and once it was refused or reset. */
static int say(int fd, const char *name, long long started, const char *how) {
  char line[256];
  int length = snprintf(line, sizeof line, "%s %lld %s\n", name, started, how);
  return send(fd, line, (size_t)length, 0) == length;
}

int main(int argc, char **argv) {
  long long started = now_us(CLOCK_REALTIME);
  long long began = now_us(CLOCK_MONOTONIC);
  const char *name = getenv("NAMESPACE");
  if (argc != 4 || name == NULL) {
    fprintf(stderr, "talker: NAMESPACE=name talker ADDRESS UDP-PORT TCP-PORT\n");
    return 2;
  }
  signal(SIGTERM, _exit);
  signal(SIGPIPE, SIG_IGN);
  struct sockaddr_in udp = address_of(argv[1], argv[2]);
  struct sockaddr_in tcp = address_of(argv[1], argv[3]);
  int datagrams = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  connect(datagrams, (struct sockaddr *)&udp, sizeof udp);
  int stream = dial(&tcp), knock = dial(&tcp);
  int is_open = 0;
  long long knocked = began, said = began, told = 0;

  for (long long tries = 1;; tries++) {
    say(datagrams, name, started, "datagram");
    long long now = now_us(CLOCK_MONOTONIC);
    if (now - knocked >= KNOCK_MS * 1000LL) {
      say(knock, name, started, "knock");
      close(knock);
      knock = dial(&tcp);
      /* The stream is dialled anew until it is open, and kept from then on, whatever becomes of its packets. */
      if (!is_open) {
        close(stream);
        stream = dial(&tcp);
      }
      knocked = now;
    }
    if (now - said >= PAUSE_MS * 1000LL) {
      if (say(stream, name, started, "stream")) is_open = 1;
      said = now;
    }
    if (now - told >= 1000000) {
      printf("%lld\n", tries);
      fflush(stdout);
      told = now;
    }
    struct timespec pause = {0, (now - began < EAGER_MS * 1000LL ? EAGER_PAUSE_MS : PAUSE_MS) * 1000000L};
    nanosleep(&pause, NULL);
  }
}
