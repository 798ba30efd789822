// A descriptor of the forbidden directory comes over a socket and takes the number
// that one of the public directory had.
#include "attack.h"
#include "scm.h"

int main(void)
{
	int s[2];
	honest();
	must(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
	pid_t pid = helper();
	if (pid == 0) {
		give(s[1], must(open("secret", O_PATH)));
		give(s[1], must(open("secret", O_RDONLY)));
		_exit(0);
	}
	exited(pid);
	for (int i = 0; i < 2; i++) {
		int dir = must(open("open", O_RDONLY | O_DIRECTORY));
		if (!begins(openat(dir, "key", O_RDONLY), "public"))
			broken("open/key cannot be read: %s", strerror(errno));
		close(dir);
		int got = must(take(s[0]));
		if (got != dir)
			broken("descriptor %d is %d", dir, got);
		if (is_secret(openat(got, "key", O_RDONLY)))
			won("openat %d", i);
		close(got);
	}
	lost("%s", strerror(errno));
}
