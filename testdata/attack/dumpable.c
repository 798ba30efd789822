// A process that nobody may look into: its words cannot be read by an ordinary
// user's supervisor, which must not take that for permission.
#include "attack.h"

int main(void)
{
	honest();
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		honest(); // it is refused, and goes on
	if (is_secret(open("secret/key", O_RDONLY)))
		won("open");
	char *argv[] = {"evil", NULL};
	execve("secret/evil", argv, argv + 1);
	lost("%s", strerror(errno));
}
