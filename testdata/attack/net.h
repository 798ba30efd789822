// Sockets of this machine.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/uio.h>

// serve_on binds a socket to a port that is free and returns it, and the port.
__attribute__((unused)) static int serve_on(int type, int *port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(*port)};
	socklen_t len = sizeof a;
	int s = must(socket(AF_INET, type | SOCK_NONBLOCK, 0));
	setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
	if (bind(s, (void *)&a, sizeof a) != 0)
		skip("port %d: %s", *port, strerror(errno));
	if (type == SOCK_STREAM)
		must(listen(s, 50));
	must(getsockname(s, (void *)&a, &len));
	*port = ntohs(a.sin_port);
	return s;
}

// reached_by reports whether somebody has got through to a socket.
__attribute__((unused)) static int reached_by(int s, int type)
{
	struct pollfd p = {s, POLLIN, 0};
	if (poll(&p, 1, 0) <= 0)
		return 0;
	if (type == SOCK_STREAM)
		close(accept(s, NULL, NULL));
	else
		recv(s, &(char){0}, 1, 0);
	return 1;
}
