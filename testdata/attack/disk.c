// The disk has the files of all names.
#include "attack.h"
#include <dirent.h>

int main(void)
{
	honest();
	char b[512];
	DIR *dir = opendir("/dev");
	struct dirent *e;
	while (dir != NULL && (e = readdir(dir)) != NULL) {
		if (e->d_type != DT_BLK)
			continue;
		int fd = openat(dirfd(dir), e->d_name, O_RDONLY);
		if (fd >= 0 && read(fd, b, sizeof b) == sizeof b)
			won("/dev/%s", e->d_name);
		close(fd);
	}
	if (getenv("STRAIT_ATTACKED") == NULL)
		skip("no disk can be read");
	lost("%s", strerror(errno));
}
