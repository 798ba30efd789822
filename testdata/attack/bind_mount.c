// The secret gets another name by a mount in a namespace of its own.
#include "attack.h"
#include <sys/mount.h>

int main(void)
{
	honest();
	if (geteuid() == 0 ? unshare(CLONE_NEWNS) != 0 : in_namespace(CLONE_NEWNS) != 0)
		skip("no namespaces: %s", strerror(errno));
	mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
	if (mount("secret", "open", NULL, MS_BIND, NULL) != 0)
		lost("mount: %s", strerror(errno));
	if (is_secret(open("open/key", O_RDONLY)))
		won("open/key");
	lost("open: %s", strerror(errno));
}
