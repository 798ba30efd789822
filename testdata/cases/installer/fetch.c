/* Stands for curl: connects to where its argument says, and gives up. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/socket.h>

int main(int argc, char **argv) {
	struct sockaddr_in a = {.sin_family = AF_INET};
	if (argc < 3 || inet_pton(AF_INET, argv[1], &a.sin_addr) != 1)
		return 2;
	a.sin_port = htons(atoi(argv[2]));
	return connect(socket(AF_INET, SOCK_STREAM, 0), (void *)&a, sizeof a) ? 7 : 0;
}
