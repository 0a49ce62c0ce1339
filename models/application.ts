/** The default connection settings of the product's applications. */
export const application = { appName: 'sentimatrix-studio', defaultDatabase: 'sentimatrix_studio' } as const;
