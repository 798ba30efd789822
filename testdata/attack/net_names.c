// The other addresses and calls by which one gets to where connect and sendto may
// not lead. The first argument says by which.
#include "attack.h"
#include "net.h"

static struct sockaddr_in v4(uint32_t host, int port)
{
	return (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(host), .sin_port = htons(port)};
}

static struct sockaddr_in6 v6(const char *host, int port)
{
	struct sockaddr_in6 a = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
	must(inet_pton(AF_INET6, host, &a.sin6_addr) - 1);
	return a;
}

static int is(const char *a, const char *b) { return strcmp(a, b) == 0; }

int main(int argc, char **argv)
{
	honest();
	if (argc < 2)
		broken("by which way?");
	const char *how = argv[1];
	int udp = strncmp(how, "udp", 3) == 0, type = udp ? SOCK_DGRAM : SOCK_STREAM, port = 0;
	int l = serve_on(type, &port);
	int s = must(socket(AF_INET, type, 0));
	struct sockaddr_in a = v4(INADDR_LOOPBACK, port), any = v4(INADDR_ANY, port), unspec = a;
	unspec.sin_family = AF_UNSPEC;
	struct iovec v = {"x", 1};
	struct mmsghdr m = {{&a, sizeof a, &v, 1}, 0};
	if (is(how, "connect") || is(how, "udp_connect")) {
		connect(s, (void *)&a, sizeof a);
		send(s, "x", 1, MSG_NOSIGNAL);
	} else if (is(how, "any"))
		connect(s, (void *)&any, sizeof any);
	else if (is(how, "other_loopback")) {
		struct sockaddr_in o = v4(INADDR_LOOPBACK, port);
		connect(s, (void *)&o, sizeof(struct sockaddr_storage));
	} else if (is(how, "mapped") || is(how, "udp_mapped")) {
		struct sockaddr_in6 b = v6("::ffff:127.0.0.1", port);
		if ((s = socket(AF_INET6, type, 0)) < 0)
			skip("no IPv6");
		connect(s, (void *)&b, sizeof b);
		sendto(s, "x", 1, MSG_NOSIGNAL, udp ? (void *)&b : NULL, udp ? sizeof b : 0);
	} else if (is(how, "udp_v4_of_v6")) {
		if ((s = socket(AF_INET6, type, 0)) < 0)
			skip("no IPv6");
		sendto(s, "x", 1, 0, (void *)&a, sizeof a);
	} else if (is(how, "fastopen"))
		sendto(s, "x", 1, MSG_FASTOPEN | MSG_NOSIGNAL, (void *)&a, sizeof a);
	else if (is(how, "fastopen_msg"))
		sendmsg(s, &m.msg_hdr, MSG_FASTOPEN | MSG_NOSIGNAL);
	else if (is(how, "fastopen_connect")) {
		setsockopt(s, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &(int){1}, sizeof(int));
		connect(s, (void *)&a, sizeof a);
		send(s, "x", 1, MSG_NOSIGNAL);
	} else if (is(how, "mptcp")) {
		if ((s = socket(AF_INET, SOCK_STREAM, 262 /* IPPROTO_MPTCP */)) < 0)
			skip("no MPTCP: %s", strerror(errno));
		connect(s, (void *)&a, sizeof a);
	} else if (is(how, "udp_sendto"))
		sendto(s, "x", 1, 0, (void *)&a, sizeof a);
	else if (is(how, "udp_any"))
		sendto(s, "x", 1, 0, (void *)&any, sizeof any);
	else if (is(how, "udp_unspec"))
		sendto(s, "x", 1, 0, (void *)&unspec, sizeof unspec);
	else if (is(how, "udp_sendmsg"))
		sendmsg(s, &m.msg_hdr, 0);
	else if (is(how, "udp_sendmmsg")) {
		// The first goes to an allowed place.
		struct sockaddr_in self = {.sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = htonl(0x7f000009)};
		struct mmsghdr two[2] = {{{&self, sizeof self, &v, 1}, 0}, m};
		syscall(SYS_sendmmsg, s, two, 2, 0);
	} else if (is(how, "udp_raw")) {
		if ((s = socket(AF_INET, SOCK_RAW, IPPROTO_UDP)) < 0)
			skip("no raw sockets: %s", strerror(errno));
		uint16_t packet[5] = {htons(1), htons(port), htons(9), 0, 'x'};
		sendto(s, packet, 9, 0, (void *)&a, sizeof a);
	} else
		broken("what is %s?", how);
	int e = errno;
	for (int i = 0; i < 1000; i++)
		if (reached_by(l, type))
			won("%s", how);
	lost("%s: %s", how, strerror(e));
}
