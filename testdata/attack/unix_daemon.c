// A daemon that nobody holds to the policy opens the file and sends it. The words
// that lead to its socket are tried, too: links, other directories, datagrams.
#include "attack.h"
#include "scm.h"

static struct sockaddr_un name(const char *path)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	strcpy(a.sun_path, path);
	return a;
}

static void serve(void)
{
	struct sockaddr_un a = name("open/sock"), d = name("open/dgram");
	int s = must(socket(AF_UNIX, SOCK_STREAM, 0)), g = must(socket(AF_UNIX, SOCK_DGRAM, 0));
	int key = must(open("secret/key", O_RDONLY));
	must(bind(g, (void *)&d, sizeof d));
	must(bind(s, (void *)&a, sizeof a));
	must(listen(s, 5));
	must(write(1, "s", 1));
	if (fork() == 0) {
		// What a datagram asks for is written where all can read it.
		char c;
		if (recv(g, &c, 1, 0) == 1)
			put("open/given", "SECRET");
		_exit(0);
	}
	for (;;) {
		int c = accept(s, NULL, NULL);
		if (c >= 0)
			give(c, key);
		close(c);
	}
}

static void ask(const char *path)
{
	struct sockaddr_un a = name(path);
	int s = must(socket(AF_UNIX, SOCK_STREAM, 0));
	if (connect(s, (void *)&a, sizeof a) == 0 && is_secret(take(s)))
		won("%s", path);
	close(s);
}

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "serve") == 0)
		serve();
	honest();
	ask("open/sock");
	ask("./open/../open/sock");
	ask("/proc/self/cwd/open/sock");
	must(symlink("open/sock", "link"));
	ask("link");
	int fd = open("open/sock", O_PATH);
	char path[64];
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	ask(path);
	struct sockaddr_un d = name("open/dgram");
	int g = must(socket(AF_UNIX, SOCK_DGRAM, 0));
	if (sendto(g, "x", 1, 0, (void *)&d, sizeof d) == 1) {
		for (int i = 0; i < 100000; i++)
			if (is_secret(open("open/given", O_RDONLY)))
				won("sendto");
	}
	lost("%s", strerror(errno));
}
