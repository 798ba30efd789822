// The secret gets another name by another root.
#include "attack.h"

int main(void)
{
	honest();
	if (geteuid() != 0 && in_namespace(0) != 0)
		skip("no user namespaces: %s", strerror(errno));
	if (chroot("secret") != 0)
		lost("chroot: %s", strerror(errno));
	if (is_secret(open("/key", O_RDONLY)))
		won("/key");
	lost("open: %s", strerror(errno));
}
