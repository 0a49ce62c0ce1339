/** What applications of the product connect with unless they say otherwise. */
export const application = { appName: 'sentimatrix-studio', defaultDatabase: 'sentimatrix_studio' } as const;
