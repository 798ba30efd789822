// The secret gets another name: by link, by linkat of a descriptor, and by way of
// /proc.
#include "attack.h"

int main(void)
{
	char name[64];
	honest();
	if (link("secret/key", "open/alias") == 0 && is_secret(open("open/alias", O_RDONLY)))
		won("link");
	int dir = open("secret", O_PATH);
	if (linkat(dir, "key", AT_FDCWD, "open/alias2", 0) == 0 && is_secret(open("open/alias2", O_RDONLY)))
		won("linkat");
	int fd = open("secret/key", O_PATH);
	if (fd >= 0) {
		snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
		if (linkat(AT_FDCWD, name, AT_FDCWD, "open/alias3", AT_SYMLINK_FOLLOW) == 0 && is_secret(open("open/alias3", O_RDONLY)))
			won("linkat of a descriptor");
		if (linkat(fd, "", AT_FDCWD, "open/alias4", AT_EMPTY_PATH) == 0 && is_secret(open("open/alias4", O_RDONLY)))
			won("linkat of an empty path");
	}
	must(symlink("../secret/key", "open/sym"));
	if (linkat(AT_FDCWD, "open/sym", AT_FDCWD, "open/alias5", AT_SYMLINK_FOLLOW) == 0 && is_secret(open("open/alias5", O_RDONLY)))
		won("linkat through a link");
	lost("%s", strerror(errno));
}
