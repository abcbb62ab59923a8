/** The request header in which the proxy tells a page which query it was asked with: a layout or a check cannot see it. */
export const PAGE_QUERY_HEADER = 'x-carga-query';
