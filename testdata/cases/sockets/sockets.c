/* A server and a client on a port that the kernel chooses, and a pair. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int client(struct sockaddr_in *to) {
	char buf[16];
	int s = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(s, (void *)to, sizeof *to) || write(s, "ping", 4) != 4 || read(s, buf, sizeof buf) != 4)
		return 1;
	return memcmp(buf, "pong", 4) != 0;
}

int main(void) {
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof a;
	char buf[16];
	int status, pair[2], s = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(s, (void *)&a, len) || listen(s, 1) || getsockname(s, (void *)&a, &len))
		return 2;
	pid_t child = fork();
	if (child == 0)
		_exit(client(&a));
	int c = accept(s, 0, 0);
	if (read(c, buf, sizeof buf) != 4 || write(c, "pong", 4) != 4 || waitpid(child, &status, 0) != child)
		return 3;
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) || write(pair[0], "x", 1) != 1 || read(pair[1], buf, 1) != 1)
		return 4;
	puts(status ? "no" : "ok");
	return 0;
}
