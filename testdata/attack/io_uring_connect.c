// The connection is made by io_uring.
#include "attack.h"
#include "ring.h"
#include <arpa/inet.h>
#include <netinet/in.h>

int main(void)
{
	struct ring r;
	honest();
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof a;
	int l = must(socket(AF_INET, SOCK_STREAM, 0));
	must(bind(l, (void *)&a, sizeof a));
	must(listen(l, 1));
	must(getsockname(l, (void *)&a, &len));
	int s = must(socket(AF_INET, SOCK_STREAM, 0));
	if (ring_open(&r) != 0) {
		if (getenv("STRAIT_ATTACKED") == NULL)
			skip("no io_uring: %s", strerror(errno));
		lost("io_uring_setup: %s", strerror(errno));
	}
	struct io_uring_sqe e = {.opcode = IORING_OP_CONNECT, .fd = s, .addr = (uintptr_t)&a, .off = sizeof a};
	int res = ring_do(&r, &e);
	if (res == 0)
		won("IORING_OP_CONNECT");
	lost("%s", strerror(-res));
}
