/*
 * talker: talks to a listener out on the Internet from its first moment, over UDP and over TCP, and never stops.
 *   talker ADDRESS UDP-PORT TCP-PORT, with NAMESPACE in the environment
 * Everything that it sends is one line: its namespace, when it started and how often it has tried over UDP. Both sockets
 * never block, so silence holds nothing up. What it has tried so far it prints every second.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* The first seconds decide, so that is when it talks often. */
#define EAGER_MS 10000
#define EAGER_PAUSE_MS 5
#define PAUSE_MS 100
#define RECONNECT_MS 250

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
  int stream = dial(&tcp);
  long long dialled = began, written = 0, told = 0;

  for (long long tries = 1;; tries++) {
    char line[256];
    int length = snprintf(line, sizeof line, "%s %lld %lld\n", name, started, tries);
    sendto(datagrams, line, (size_t)length, 0, (struct sockaddr *)&udp, sizeof udp);

    long long now = now_us(CLOCK_MONOTONIC);
    if (now - written >= PAUSE_MS * 1000LL && send(stream, line, (size_t)length, 0) == length) written = now;
    else if (now - written >= RECONNECT_MS * 1000LL && now - dialled >= RECONNECT_MS * 1000LL) {
      int error = 0;
      socklen_t size = sizeof error;
      getsockopt(stream, SOL_SOCKET, SO_ERROR, &error, &size);
      /* Refused, reset or not yet answered: a connection that was open stays, however long its packets are dropped. */
      if (written == 0 || error != 0) {
        close(stream);
        stream = dial(&tcp);
        dialled = now;
        written = 0;
      }
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
