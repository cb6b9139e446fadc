// Whose keys, jobs and pictures there are: while there is one owner, it has no name.
export const onlyOwner = '';
