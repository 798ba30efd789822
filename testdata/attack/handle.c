// The secret is opened by handle, without a name.
#include "attack.h"

int main(void)
{
	union {
		struct file_handle h;
		char room[sizeof(struct file_handle) + 128];
	} u;
	int mount_id;
	honest();
	u.h.handle_bytes = 128;
	if (name_to_handle_at(AT_FDCWD, "secret/key", &u.h, &mount_id, 0) != 0) {
		if (errno == EOPNOTSUPP)
			skip("the file system has no handles");
		lost("name_to_handle_at: %s", strerror(errno));
	}
	int dir = must(open(".", O_RDONLY | O_DIRECTORY));
	int fd = open_by_handle_at(dir, &u.h, O_RDONLY);
	if (fd < 0 && errno == EPERM && geteuid() != 0)
		skip("an ordinary user may not");
	if (is_secret(fd))
		won("open_by_handle_at");
	lost("open_by_handle_at: %s", strerror(errno));
}
