// A listener to what others do with files is given descriptors of these files, by a
// mark on the whole file system: a daemon outside reads the secret all the time.
#include "attack.h"
#include <poll.h>
#include <sys/fanotify.h>

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "serve") == 0) {
		must(write(1, "s", 1));
		for (;;) {
			is_secret(open("secret/key", O_RDONLY));
			usleep(1000);
		}
	}
	honest();
	int f = fanotify_init(FAN_CLASS_NOTIF, O_RDONLY);
	if (f < 0 && getenv("STRAIT_ATTACKED") == NULL)
		skip("fanotify_init: %s", strerror(errno));
	if (fanotify_mark(f, FAN_MARK_ADD | FAN_MARK_FILESYSTEM, FAN_OPEN, AT_FDCWD, "open") != 0) {
		if (getenv("STRAIT_ATTACKED") == NULL)
			skip("fanotify_mark: %s", strerror(errno));
		lost("fanotify_mark: %s", strerror(errno));
	}
	for (int i = 0; i < 100; i++) {
		char b[4096];
		struct pollfd p = {f, POLLIN, 0};
		if (poll(&p, 1, 1000) <= 0)
			break;
		ssize_t n = read(f, b, sizeof b);
		struct fanotify_event_metadata *m = (void *)b;
		for (; n > 0 && FAN_EVENT_OK(m, n); m = FAN_EVENT_NEXT(m, n))
			if (m->fd >= 0 && is_secret(m->fd))
				won("an event");
	}
	lost("no event");
}
